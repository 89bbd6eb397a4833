import { describe, expect, it } from 'vitest'
import { type DeskUnderTest, startDesk, swap, swapRules } from '../../test/desk-under-test.js'
import { maxPositionNotional } from '../policies/max-position-notional.js'

const minute = 60_000

/**
 * A long entry nobody answers for and that is given up, a protected short of ten against it, and then the long's fill after all:
 * the exchange has had it the whole time.
 */
async function crossed(quantity: string): Promise<DeskUnderTest> {
  const desk = await startDesk({
    config: { policies: [maxPositionNotional('5000')], sizing: { maxNotional: '10%' } },
  })
  const { exchange } = desk
  exchange.answer(false)
  desk.propose({ intentId: 'late' })
  await desk.pass(2 * minute)
  exchange.answer(true)
  desk.propose({ intentId: 'short', direction: 'short', stopPrice: '102', targetPrice: '94' })
  await desk.pass(50)
  const [entry] = exchange.working('entry')
  if (entry === undefined) throw new Error('the short was not approved')
  exchange.fill(entry, '100')
  await desk.pass(100)
  expect(desk.protection()).toMatchObject({ status: 'covered', positionQuantity: entry.order.quantity })
  const command = exchange.commands[0]
  if (command?.type !== 'submit') throw new Error('the long was not sent')
  exchange.appear(command.order, '101', quantity)
  return desk
}

describe('lots of both directions in one contract', () => {
  it('that cancel out end both, with their results, and nothing rests', async () => {
    const desk = await crossed('10')
    await desk.pass(5 * minute)
    expect(desk.exchange.position(swap)).toBe('0')
    expect(desk.service.audit()).toMatchObject({ openLots: 0, nakedBeyondBoundMs: 0 })
    expect(desk.exchange.working('stop').concat(desk.exchange.working('target'))).toEqual([])
    expect(desk.outcomes.map(({ intentId, grossPnl }) => [intentId, grossPnl]).sort()).toEqual([
      ['late', '0'],
      ['short', '-10'],
    ])
    expect(desk.verdicts.filter(({ type, purpose }) => type === 'denied' && purpose !== 'entry')).toEqual([])
    expect(desk.codes()).toEqual(['inspector.order.unanswered'])
  })

  it('leave what is more on one side, protected', async () => {
    const desk = await crossed('4')
    await desk.pass(5 * minute)
    expect(desk.exchange.position(swap)).toBe('-6')
    expect(desk.protection()).toMatchObject({ status: 'covered', positionQuantity: '6', coveredQuantity: '6' })
    expect(desk.service.audit()).toMatchObject({ openLots: 1, nakedBeyondBoundMs: 0 })
    expect(desk.verdicts.filter(({ type, purpose }) => type === 'denied' && purpose !== 'entry')).toEqual([])
  })

  it('are the same after a restart', async () => {
    const desk = await crossed('4')
    await desk.crash()
    await desk.boot()
    await desk.pass(5 * minute)
    expect(desk.protection()).toMatchObject({ status: 'covered', positionQuantity: '6', coveredQuantity: '6' })
    expect(desk.service.audit().openLots).toBe(1)
  })
})

describe('two ways out of one lot on spot', () => {
  it('that have both filled have sold what another lot had bought: that is protected no more', async () => {
    const spot = 'BTC/USDT'
    const desk = await startDesk({
      config: { policies: [maxPositionNotional('5000')], sizing: { maxNotional: '10%' } },
      exchange: { instruments: [{ ...swapRules, symbol: spot, kind: 'spot' }], feeBps: '0', oco: false },
    })
    const { exchange } = desk
    exchange.quote(spot, 99.9, 100)
    for (const intentId of ['first', 'second']) {
      desk.propose({ intentId, symbol: spot })
      await desk.pass(50)
      exchange.fill(exchange.working('entry')[0]!, '100')
      await desk.pass(50)
    }
    expect(desk.protection(spot)).toMatchObject({ status: 'covered', positionQuantity: '19.999' })
    const [, stop] = exchange.working('stop')
    const [, target] = exchange.working('target')
    // The exchange does not hold them together, and both fill before anybody can take one back.
    exchange.trigger(stop!)
    exchange.fill(stop!, '98')
    exchange.fill(target!, '106')
    await desk.pass(100)
    expect(exchange.position(spot)).toBe('0.001')
    // What is left is too little for an order.
    expect(exchange.working('stop').concat(exchange.working('target'))).toEqual([])
    expect(desk.service.audit()).toMatchObject({ openLots: 0 })
    expect(desk.codes()).not.toContain('inspector.position.mismatch')
  })
})
