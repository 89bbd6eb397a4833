import { aFill } from '@barfinex/core/testing'
import { expect, test } from 'vitest'
import { type DeskUnderTest, longIntent, startDesk, swapRules } from '../../test/desk-under-test.js'
import { maxPositionNotional } from '../policies/max-position-notional.js'
import { createDust } from './dust.js'
import { openLot, withLotFill } from './lot.js'

const symbol = 'BTC/USDT'

/** A spot desk whose fees are taken from what was bought: nearly every trade leaves something. */
async function spotDesk(): Promise<DeskUnderTest> {
  const it = await startDesk({
    config: { policies: [maxPositionNotional('5000')], sizing: { maxNotional: '10%' } },
    exchange: { instruments: [{ ...swapRules, symbol, kind: 'spot' }], feeBps: '7.3', feeFromBought: true },
  })
  it.exchange.quote(symbol, 99.9, 100)
  return it
}

async function open(it: DeskUnderTest, intentId: string): Promise<void> {
  it.propose({ intentId, symbol })
  await it.pass(50)
  it.exchange.fill(it.exchange.working('entry')[0]!, '100')
  await it.pass(120)
}

async function trade(it: DeskUnderTest, intentId: string): Promise<void> {
  await open(it, intentId)
  const stop = it.exchange.working('stop')[0]!
  it.exchange.trigger(stop)
  it.exchange.fill(stop, '98')
  await it.pass(2_000)
}

test('what one trade leaves is protected and sold by the next: it never grows beyond a step', async () => {
  const it = await spotDesk()
  const step = 0.001
  for (let count = 1; count <= 30; count += 1) {
    await trade(it, `intent-${count}`)
    expect(it.service.audit().openLots).toBe(0)
    expect(Number(it.exchange.position(symbol)), `after ${count} trades`).toBeLessThan(step)
  }
  expect(it.codes()).not.toContain('inspector.position.unmanaged')
  expect(it.codes()).not.toContain('inspector.position.mismatch')
  // Each leaves about 0.0007: some sales are a step larger than what their trade has bought.
  const left = it.risk()?.dust?.[symbol]
  expect(left?.quantity).toBe(it.exchange.position(symbol))
  expect(Number(left?.cost)).toBeLessThan(0.1)
})

test('what is left is known after a restart', async () => {
  const it = await spotDesk()
  for (let count = 1; count <= 3; count += 1) await trade(it, `intent-${count}`)
  const before = it.risk()?.dust
  expect(before).toBeDefined()
  await it.crash()
  await it.boot()
  await it.pass(5_000)
  expect(it.risk()?.dust).toEqual(before)
  expect(it.codes()).not.toContain('inspector.position.unmanaged')
})

test('a trade that was too little from the beginning leaves its rest once, however often Inspector starts', async () => {
  const it = await spotDesk()
  it.propose({ intentId: 'tiny', symbol })
  await it.pass(50)
  const entry = it.exchange.working('entry')[0]!
  it.exchange.fill(entry, '100', '0.04')
  it.exchange.end(entry, 'expired')
  await it.pass(2_000)
  const left = it.exchange.position(symbol)
  for (let start = 0; start < 3; start += 1) {
    await it.crash()
    await it.boot()
    await it.pass(2_000)
    expect(it.service.audit().openLots).toBe(0)
    expect(it.risk()?.dust?.[symbol]?.quantity).toBe(left)
  }
})

test('a sale that paid its fee in base leaves less than nothing: the next trade holds so much less', () => {
  const dust = createDust()
  const intent = longIntent({ symbol: 'BNB/USDT' })
  const fill = (side: 'buy' | 'sell', fee: string) =>
    aFill({
      symbol: 'BNB/USDT',
      side,
      purpose: side === 'buy' ? 'entry' : 'stop',
      price: '100',
      quantity: '10',
      fee,
      feeAsset: 'BNB',
    })
  const opened = openLot(intent, 'entry-1', { id: 'a', correlationId: 'a' })
  dust.leave(withLotFill(withLotFill(opened, fill('buy', '0')), fill('sell', '0.0075')))
  expect(dust.message()).toMatchObject({ 'BNB/USDT': { quantity: '-0.0075' } })
  expect(dust.take('BNB/USDT')?.quantity.toString()).toBe('-0.0075')
  expect(dust.take('BNB/USDT')).toBeNull()
})
