import { expect, test } from 'vitest'
import { type DeskUnderTest, startDesk, swap, swapRules } from '../test/desk-under-test.js'
import { maxPositionNotional } from './policies/max-position-notional.js'

const spot = 'BTC/USDT'
const day = 86_400_000

async function desk(exchange = {}): Promise<DeskUnderTest> {
  return startDesk({ config: { policies: [maxPositionNotional('5000')], sizing: { maxNotional: '10%' } }, exchange })
}

async function open(it: DeskUnderTest, intentId: string, symbol = swap): Promise<void> {
  const now = it.clock.now()
  it.propose({ intentId, symbol, issuedAt: now, expiresAt: now + 600_000 })
  await it.pass(50)
  it.exchange.fill(it.exchange.working('entry')[0]!, '100')
  await it.pass(120)
}

/** The stop fills, and its fill takes so long to come. */
async function stopOut(it: DeskUnderTest, fillMs: number): Promise<void> {
  const stop = it.exchange.working('stop')[0]!
  it.exchange.delayFills(fillMs)
  it.exchange.trigger(stop)
  it.exchange.fill(stop, '98')
}

test.each([10 * day, 45_000])(
  'what is written off is not bought back, whether its fill comes after %i ms or never',
  async (ms) => {
    const it = await desk()
    await open(it, 'one')
    await stopOut(it, ms)
    const before = it.exchange.commands.length
    for (let second = 0; second < 120; second += 1) {
      await it.pass(1_000)
      it.exchange.quote(swap, 97.9, 98)
    }
    expect(it.codes()).toContain('inspector.position.mismatch')
    expect(it.exchange.commands.slice(before).filter(({ type }) => type === 'submit')).toEqual([])
    expect(it.service.audit().openLots).toBe(0)
    expect(it.outcomes).toHaveLength(1)
  },
)

test('a fill that comes after its write-off takes nothing from the next position', async () => {
  const it = await desk()
  await open(it, 'one')
  await stopOut(it, 45_000)
  await it.pass(40_000)
  it.exchange.delayFills(0)
  it.operate({ type: 'resume', by: 'ada' })
  it.exchange.quote(swap, 99.9, 100)
  await open(it, 'two')
  await it.pass(30_000)
  const held = it.exchange.position(swap)
  expect(it.protection()).toMatchObject({ status: 'covered', positionQuantity: held, coveredQuantity: held })
})

test('with the position that is gone goes what closed trades had left of it', async () => {
  const it = await desk({
    instruments: [{ ...swapRules, symbol: spot, kind: 'spot' }],
    feeBps: '7.3',
    feeFromBought: true,
  })
  it.exchange.quote(spot, 99.9, 100)
  await open(it, 'one', spot)
  await stopOut(it, 0)
  await it.pass(2_000)
  expect(it.risk()?.dust?.[spot]?.quantity).toBe('0.0007')
  it.exchange.vanish(spot)
  await it.pass(5_000)
  expect(it.codes()).toContain('inspector.position.trimmed')
  expect(it.state()).toBe('active')
  await open(it, 'two', spot)
  await it.pass(2_000)
  const [stop] = it.exchange.working('stop')
  expect(Number(stop?.order.quantity)).toBeLessThanOrEqual(Number(it.exchange.position(spot)))
})
