/** A bot that loses the reply to its order, on an exchange made for that. Nothing here leaves this machine. */
import { createHmac } from 'node:crypto'
import { createVenue } from '@barfinex/provider/venue'

const venue = await createVenue({ seed: 7, symbols: ['BTC/USDT'], perpetuals: [] })
const { apiKey, secret } = venue.keys

async function call(
  method: string,
  path: string,
  params: Record<string, string>,
): Promise<{ [field: string]: unknown }> {
  const query = new URLSearchParams({ ...params, timestamp: String(venue.world.now()) }).toString()
  const signature = createHmac('sha256', secret).update(query).digest('hex')
  const response = await fetch(`${venue.url}${path}?${query}&signature=${signature}`, {
    method,
    headers: { 'X-MBX-APIKEY': apiKey },
  })
  return (await response.json()) as { [field: string]: unknown }
}

const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01', newClientOrderId: 'entry-1' }

// The exchange takes the next order, and the connection breaks before it can say so.
venue.world.faults.inject({ id: 'lost', at: 'POST /api/v3/order', fault: { do: 'resetReply' }, times: 1 })
const reply = await call('POST', '/api/v3/order', order).catch(() => null)
console.log('the reply:', reply)

// Sending it again would buy twice. Asking is what helps.
const found = await call('GET', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'entry-1' })
console.log('the order:', found['clientOrderId'], found['status'], found['executedQty'])

// What really happened, to hold a bot's own books against.
const { accounts, audit } = venue.world.truth()
const [account] = accounts
console.log('the truth:', account?.orders.length, 'order,', account?.trades.length, 'fills')
console.log(
  'every asset adds up:',
  audit.every((it) => Number(it.difference) === 0),
)
await venue.close()
if (reply !== null || account?.orders.length !== 1 || found['status'] !== 'FILLED')
  throw new Error('the rehearsal failed')
