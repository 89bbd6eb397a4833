import { afterEach, expect, test } from 'vitest'
import { type OnVenue, onVenue } from './on-venue.js'

const open: OnVenue[] = []
afterEach(async () => {
  for (const it of open.splice(0)) await it.close()
})

test('X14: a key that may withdraw does not start live trading', async () => {
  const mayWithdraw = (it: Pick<OnVenue, 'venue'>['venue']) =>
    it.control.keys.restrict(it.keys.apiKey, { mayWithdraw: true })
  await expect(onVenue({ ccxt: { live: true }, arm: mayWithdraw })).rejects.toMatchObject({
    code: 'exchange.key-may-withdraw',
  })
  // Where no money is, it is a warning.
  const rehearsal = await onVenue({ arm: mayWithdraw })
  open.push(rehearsal)
  expect(rehearsal.lines.join()).toContain('may withdraw')
})

test('R34: a key that may only trade starts live, when live was said', async () => {
  const it = await onVenue({ ccxt: { live: true } })
  open.push(it)
  expect(it.exchange.mode).toBe('live')
})

test('R38: a live start that cannot read what the key may do is refused', async () => {
  const arm = (it: Pick<OnVenue, 'venue'>['venue']) =>
    it.world.faults.inject({ id: 'hidden', at: 'GET /sapi/v1/*', fault: { do: 'reset' } })
  await expect(onVenue({ ccxt: { live: true }, arm })).rejects.toMatchObject({ code: 'exchange.unavailable' })
})

test('X13: no key, secret or signature gets into a log line, an error or a printed exchange', async () => {
  const it = await onVenue()
  open.push(it)
  const { faults } = it.venue.world
  const errors: unknown[] = []
  for (const fault of [
    { do: 'reset' },
    { do: 'malformed' },
    { do: 'error', code: -1022, msg: 'Signature for this request is not valid.', httpStatus: 400 },
    { do: 'error', code: -2015, msg: `Invalid API-key ${it.venue.keys.apiKey}.`, httpStatus: 401 },
  ] as const) {
    for (const at of ['GET *', 'userDataStream*']) faults.inject({ id: at, at, fault })
    await it.exchange.snapshot().catch((error) => errors.push(error))
    await it.exchange.fills('BTC/USDT', 0).catch((error) => errors.push(error))
    await it.exchange.order('x', 'BTC/USDT').catch((error) => errors.push(error))
    it.venue.control.sockets.cut('api')
    const refusals = () => it.lines.filter((line) => line.includes('was refused')).length
    const before = refusals()
    if (fault.do === 'error') await it.until(() => refusals() > before, 'a refused subscription')
    else await it.wait(3_000)
    faults.clear()
  }
  expect(errors).toHaveLength(12)
  const { inspect } = await import('node:util')
  const shown = [
    it.lines.join('\n'),
    ...[...errors, it.exchange].map((one) => inspect(one, { depth: 12, showHidden: true })),
  ]
  const text = shown.join('\n')
  expect(text.length).toBeGreaterThan(1_000)
  const { apiKey: key, secret } = it.venue.keys
  for (const canary of [key, secret, 'signature=']) expect(text.includes(canary), canary).toBe(false)
})

test('what it can do is what the markets take', async () => {
  const it = await onVenue()
  open.push(it)
  expect(it.exchange.capabilities.orderTypes).toEqual([
    'market',
    'limit',
    'stopMarket',
    'stopLimit',
    'takeProfitMarket',
    'takeProfitLimit',
  ])
  expect(it.exchange.mode).toBe('paper')
})
