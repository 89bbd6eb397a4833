import { flow, type OperatorCommand } from '@barfinex/core'
import { anInstrument, anOperatorCommand, anOrder } from '@barfinex/core/testing'
import { expect, test } from 'vitest'
import { givenProvider } from '../testing/given-provider.js'

const dayMs = 86_400_000

/** Provider has left a position by itself, but for what is too little for the exchange. */
async function leftDust() {
  const it = await givenProvider({
    deposits: { USDT: '100000' },
    feeAsset: 'received',
    instruments: [anInstrument({ minNotional: '10' })],
  })
  await it.start()
  it.beat()
  const tell = it.bus.publisher(flow.operatorCommand, 'studio', 1)
  const order = (type: OperatorCommand['type'], commandId: string, issuedAt = it.clock.now()) => {
    const command = { commandId, account: 'test', type, symbol: null, by: 'ada' }
    const expiresAt = issuedAt + 60_000
    tell.publish(anOperatorCommand({ ...command, issuedAt, expiresAt }), { occurredAt: it.clock.now() })
  }
  it.venue.quote(99.99, 100.01)
  it.submit(anOrder({ clientOrderId: 'e1', quantity: '0.15' }))
  await it.clock.advanceBy(10)
  it.inspector('stopped')
  it.venue.quote(59.99, 60.01)
  order('closeAll', 'c1')
  await it.clock.advanceBy(dayMs)
  expect(it.incidents.at(-1)).toMatchObject({ reason: { code: 'order.last-resort.dust' } })
  return { ...it, order }
}

type Given = Awaited<ReturnType<typeof leftDust>>

/** Buys more and protects it. */
async function buy(it: Given) {
  it.venue.quote(59.99, 60.01)
  it.submit(anOrder({ clientOrderId: 'e2', intentId: 'i2', quantity: '2' }))
  await it.clock.advanceBy(5)
  it.submit(
    anOrder({
      clientOrderId: 'stop',
      side: 'sell',
      type: 'stopMarket',
      triggerPrice: '50',
      quantity: '1.9',
      reduceOnly: true,
      purpose: 'stop',
    }),
  )
  await it.clock.advanceBy(20_000)
}

test('a person who lets trading go on has done with what was ordered before: what is dear enough by then is kept', async () => {
  const it = await leftDust()
  it.inspector('ready')
  it.order('resume', 'c2')
  await it.clock.advanceBy(10)
  // 0.15 would be enough now.
  it.venue.quote(99.99, 100.01)
  await it.clock.advanceBy(20_000)
  expect(Number(it.service.account().positions[0]?.quantity)).toBeGreaterThan(0.1)
  await buy(it)
  expect(it.trail().at(-1)).toBe('stop accepted')
})

test('what is bought beside dust is none of an older command, though nobody has said to resume', async () => {
  const it = await leftDust()
  it.inspector('ready')
  await buy(it)
  expect(it.trail().at(-1)).toBe('stop accepted')
  expect(Number(it.service.account().positions[0]?.quantity)).toBeGreaterThan(2)
})

test('a word to resume that is older than the command does not end it', async () => {
  const it = await leftDust()
  it.order('resume', 'c0', it.clock.now() - dayMs - 1)
  await it.clock.advanceBy(10)
  it.venue.quote(99.99, 100.01)
  await it.clock.advanceBy(20_000)
  expect(Number(it.service.account().positions[0]?.quantity)).toBeLessThan(0.001)
})
