import { describe, expect, it } from 'vitest'
import { type DeskUnderTest, startDesk, swap, swapRules } from '../../test/desk-under-test.js'
import type { ScriptedOrder } from '../../test/scripted-order.js'
import { maxPositionNotional } from '../policies/max-position-notional.js'
import type { InspectorOptions } from '../service.js'

const policies = [maxPositionNotional('5000')] as const

async function desk(protection: InspectorOptions['protection'] = {}, exchange = {}): Promise<DeskUnderTest> {
  return startDesk({ config: { policies, protection, sizing: { maxNotional: '10%' } }, exchange })
}

/** Ten long at 100, protected. */
async function held(protection: InspectorOptions['protection'] = {}, exchange = {}): Promise<DeskUnderTest> {
  const it = await desk(protection, exchange)
  it.propose()
  await it.pass(50)
  it.exchange.fill(only(it, 'entry'), '100')
  await it.pass(50)
  expect(it.protection()?.status).toBe('covered')
  return it
}

function only(it: DeskUnderTest, purpose: 'entry' | 'stop' | 'target' | 'exit'): ScriptedOrder {
  const [first, ...others] = it.exchange.working(purpose)
  if (first === undefined || others.length > 0) throw new Error(`${others.length + (first ? 1 : 0)} of ${purpose}`)
  return first
}

const quantities = (it: DeskUnderTest, purpose: 'stop' | 'target'): readonly string[] =>
  it.exchange.working(purpose).map(({ order }) => order.quantity)

describe('partial fills of the entry', () => {
  it('are covered one by one, and fills of one instant together', async () => {
    const it = await desk()
    it.propose()
    await it.pass(50)
    const entry = only(it, 'entry')
    it.exchange.fill(entry, '100', '2')
    it.exchange.fill(entry, '100.1', '1')
    await it.pass(20)
    expect(quantities(it, 'stop')).toEqual(['3'])
    it.exchange.fill(entry, '100.1', '4')
    expect(it.protection()).toMatchObject({ status: 'naked', positionQuantity: '7' })
    await it.pass(30)
    expect(it.protection()).toMatchObject({ status: 'partial', coveredQuantity: '3' })
    await it.pass(100)
    expect(quantities(it, 'stop')).toEqual(['3', '4'])
    expect(quantities(it, 'target')).toEqual(['3', '4'])
    expect(it.protection()).toMatchObject({ status: 'covered', positionQuantity: '7', coveredQuantity: '7' })
    expect(it.exchange.working('stop').map(({ order }) => order.ocoGroup)).not.toContain(null)
    expect(new Set(it.exchange.working('stop').map(({ order }) => order.ocoGroup)).size).toBe(2)
  })

  it('are joined into fewer stops beyond the most that a lot may have', async () => {
    const it = await desk({ maxStops: 2 })
    it.propose()
    await it.pass(50)
    const entry = only(it, 'entry')
    for (const part of ['1', '2', '3']) {
      it.exchange.fill(entry, '100', part)
      await it.pass(500)
    }
    expect(quantities(it, 'stop')).toEqual(['1', '5'])
    expect(quantities(it, 'target')).toEqual(['1', '5'])
    expect(it.protection()).toMatchObject({ status: 'covered', coveredQuantity: '6' })
  })

  it('of a canceled entry end as a trade of what was filled', async () => {
    const it = await desk()
    it.propose()
    await it.pass(50)
    const entry = only(it, 'entry')
    it.exchange.fill(entry, '100', '4')
    it.exchange.end(entry, 'canceled')
    await it.pass(50)
    it.exchange.fill(only(it, 'target'), '106')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ quantity: '4', grossPnl: '24', exitReason: 'takeProfit' }])
    expect(it.service.audit()).toMatchObject({ openLots: 0, nakedBeyondBoundMs: 0 })
  })

  it('that arrive while the entry is being canceled are protected', async () => {
    const it = await desk()
    it.propose()
    await it.pass(50)
    const entry = only(it, 'entry')
    it.operate({ type: 'cancelEntries' })
    expect(entry.state).toBe('pendingCancel')
    await it.pass(10)
    it.exchange.fill(entry, '100', '6')
    await it.pass(100)
    expect(entry.state).toBe('canceled')
    expect(it.protection()).toMatchObject({ status: 'covered', positionQuantity: '6', coveredQuantity: '6' })
  })
})

describe('the way out', () => {
  it('by the stop cancels the target and tells the loss', async () => {
    const it = await held()
    const stop = only(it, 'stop')
    it.exchange.quote(swap, 97.9, 98)
    it.exchange.trigger(stop)
    it.exchange.fill(stop, '97.9')
    await it.pass(100)
    expect(it.exchange.working('target')).toEqual([])
    // -21 less fees of 1 and 0.979, over 20 at risk.
    expect(it.outcomes).toMatchObject([
      { exitReason: 'stopLoss', grossPnl: '-21', netPnl: '-22.979', resultR: -1.14895 },
    ])
    expect(it.risk()).toMatchObject({ losingStreak: 1 })
    expect(it.codes()).toEqual([])
  })

  it('cancels the sibling itself where the exchange does not', async () => {
    const it = await held({}, { oco: false })
    it.exchange.fill(only(it, 'target'), '106')
    await it.pass(100)
    expect(it.exchange.working('stop')).toEqual([])
    expect(it.outcomes).toMatchObject([{ exitReason: 'takeProfit' }])
  })

  it('by a target in parts gives the rest a stop of its size', async () => {
    const it = await held()
    const target = only(it, 'target')
    it.exchange.fill(target, '106', '4')
    // The group is spent with its first fill: the exchange has canceled the stop.
    expect(it.exchange.working('stop')).toEqual([])
    await it.pass(50)
    expect(quantities(it, 'stop')).toEqual(['6'])
    expect(it.protection()).toMatchObject({ status: 'covered', coveredQuantity: '6' })
    it.exchange.fill(target, '106', '1')
    await it.pass(200)
    expect(quantities(it, 'stop')).toEqual(['5'])
    it.exchange.fill(target, '106')
    await it.pass(200)
    expect(it.exchange.working('stop')).toEqual([])
    expect(it.outcomes).toMatchObject([{ quantity: '10', grossPnl: '60' }])
    expect(it.codes()).toEqual([])
  })

  it('shrinks the stop where the exchange leaves it as it was', async () => {
    const it = await held({}, { oco: false })
    it.exchange.fill(only(it, 'target'), '106', '4')
    await it.pass(200)
    expect(quantities(it, 'stop')).toEqual(['6'])
    expect(quantities(it, 'target')).toEqual(['10'])
    expect(it.protection()).toMatchObject({ status: 'covered', positionQuantity: '6' })
  })

  it('by both legs at once is corrected: what was sold too much is bought back', async () => {
    const it = await held({}, { oco: false })
    const stop = only(it, 'stop')
    it.exchange.fill(only(it, 'target'), '106')
    it.exchange.fill(stop, '98')
    expect(it.exchange.position(swap)).toBe('-10')
    await it.pass(50)
    const correction = only(it, 'exit')
    expect(correction.order).toMatchObject({ side: 'buy', quantity: '10', reduceOnly: true, timeInForce: 'ioc' })
    it.exchange.fill(correction, '99')
    await it.pass(100)
    expect(it.exchange.position(swap)).toBe('0')
    // 60 of the target, and -10 of what was sold at 98 and bought back at 99; fees 1, 1.06, 0.98 and 0.99.
    expect(it.outcomes).toMatchObject([{ grossPnl: '50', fees: '4.03', netPnl: '45.97', quantity: '10' }])
    expect(it.exchange.cash()).toBe('10045.97')
  })

  it('by time', async () => {
    const it = await held({ maxHoldingMs: 60_000 })
    await it.pass(59_950)
    const exit = only(it, 'exit')
    expect(exit.order).toMatchObject({
      side: 'sell',
      quantity: '10',
      type: 'limit',
      limitPrice: '99',
      timeInForce: 'ioc',
    })
    expect(it.exchange.working('stop')).toHaveLength(1)
    it.exchange.fill(exit, '99.9')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'timeLimit' }])
    expect(it.exchange.working('stop')).toEqual([])
  })

  it('by somebody else is booked to the trade, exact', async () => {
    const it = await held()
    it.exchange.strangerFill(swap, 'sell', '4', '103')
    await it.pass(200)
    expect(quantities(it, 'stop')).toEqual(['6'])
    expect(quantities(it, 'target')).toEqual(['6'])
    it.exchange.strangerFill(swap, 'sell', '6', '102')
    await it.pass(200)
    expect(it.outcomes).toMatchObject([{ exitReason: 'forceExit', grossPnl: '24', fees: '1' }])
    expect(it.exchange.working('stop')).toEqual([])
  })
})

describe('trouble with the stop', () => {
  const refusal = { code: 'exchange.order.off-tick', message: 'No.' }

  it('refused once is placed again', async () => {
    const it = await desk()
    it.exchange.refuseNext('stop', refusal)
    it.propose()
    await it.pass(50)
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(200)
    expect(it.protection()).toMatchObject({ status: 'covered', longestNakedMs: 100 })
    expect(it.codes()).toEqual(['inspector.protection.stop-refused'])
    expect(only(it, 'stop').order.attempt).toBe(1)
  })

  it('refused twice lets the target make way, refused three times leaves by an exit in the collar', async () => {
    const it = await desk({ collarBps: 50 })
    it.exchange.refuseNext('stop', refusal, refusal, refusal)
    it.propose()
    await it.pass(50)
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(120)
    expect(it.exchange.working('target').filter(({ state }) => state !== 'pendingCancel')).toEqual([])
    await it.pass(350)
    const exit = only(it, 'exit')
    // 99.9 less 0.5 %, up to the tick.
    expect(exit.order).toMatchObject({ quantity: '10', limitPrice: '99.5', reduceOnly: true })
    it.exchange.fill(exit, '99.8')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'emergencyExit' }])
    expect(it.service.audit().longestNakedMs).toBeLessThan(5_000)
    expect(it.incidents.filter(({ severity }) => severity === 'critical')).toHaveLength(1)
  })

  it('that would fire at once means exit now, by the exchange or by the price', async () => {
    const told = await desk()
    told.exchange.refuseNext('stop', { code: 'exchange.order.would-trigger', message: 'Behind the last price.' })
    told.propose()
    await told.pass(50)
    told.exchange.fill(only(told, 'entry'), '100')
    await told.pass(60)
    expect(only(told, 'exit').order.quantity).toBe('10')
    expect(told.codes()).toContain('inspector.protection.would-trigger')

    const seen = await desk()
    seen.propose()
    await seen.pass(50)
    seen.exchange.quote(swap, 97.5, 97.6)
    seen.exchange.fill(only(seen, 'entry'), '100')
    await seen.pass(0)
    expect(seen.exchange.working('stop')).toEqual([])
    expect(only(seen, 'exit').order).toMatchObject({ quantity: '10', limitPrice: '96.6' })
  })

  it('canceled by hand is placed again, with a warning', async () => {
    const it = await held()
    it.exchange.end(only(it, 'stop'), 'canceled')
    expect(it.protection()?.status).toBe('naked')
    await it.pass(50)
    expect(it.protection()).toMatchObject({ status: 'covered', coveredQuantity: '10' })
    expect(it.codes()).toEqual(['inspector.protection.stop-missing'])
    // The target still stands, so the new stop joins its group.
    expect(only(it, 'stop').order.ocoGroup).toBe(only(it, 'target').order.ocoGroup)
  })

  it('expired is placed again', async () => {
    const it = await held()
    it.exchange.end(only(it, 'stop'), 'expired', { code: 'exchange.order.expired', message: 'Too old.' })
    await it.pass(50)
    expect(it.protection()?.status).toBe('covered')
  })

  it('lost again and again leaves the position', async () => {
    const it = await held()
    for (let count = 0; count < 6; count += 1) {
      it.exchange.end(only(it, 'stop'), 'canceled')
      await it.pass(60)
    }
    expect(only(it, 'exit').order.quantity).toBe('10')
    expect(it.codes()).toContain('inspector.protection.stop-lost')
  })

  it('that fired and is not filled in time is followed by an exit', async () => {
    const it = await held({ triggeredMs: 2_000 })
    it.exchange.trigger(only(it, 'stop'))
    await it.pass(1_999)
    expect(it.exchange.working('exit')).toEqual([])
    await it.pass(1)
    expect(only(it, 'exit').order.quantity).toBe('10')
    expect(it.codes()).toEqual(['inspector.protection.stop-not-filled'])
  })

  it('that fills in part and dies leaves what is left', async () => {
    const it = await held()
    const stop = only(it, 'stop')
    it.exchange.quote(swap, 97, 97.1)
    it.exchange.trigger(stop)
    it.exchange.fill(stop, '97.9', '4')
    it.exchange.end(stop, 'expired', { code: 'exchange.order.no-liquidity', message: 'Nobody offers more.' })
    await it.pass(10)
    expect(only(it, 'exit').order).toMatchObject({ quantity: '6', limitPrice: '96.1' })
  })

  it('unanswered beyond the bound is an incident and an exit', async () => {
    const it = await desk({ nakedBoundMs: 3_000 })
    it.propose()
    await it.pass(50)
    const entry = only(it, 'entry')
    it.exchange.answer(false)
    it.exchange.fill(entry, '100')
    await it.pass(1_500)
    expect(it.codes()).toEqual([])
    await it.pass(1_499)
    expect(it.codes()).toEqual(['inspector.protection.naked'])
    it.exchange.answer(true)
    await it.pass(50)
    expect(it.codes()).toContain('inspector.protection.naked-too-long')
    it.exchange.fill(only(it, 'exit'), '99.9')
    await it.pass(20_000)
    expect(it.outcomes).toMatchObject([{ exitReason: 'emergencyExit' }])
    const { nakedBeyondBoundMs, longestNakedMs } = it.service.audit()
    expect([nakedBeyondBoundMs, longestNakedMs]).toEqual([49, 3_049])
  })

  it('waits out a pause of the exchange and is placed when it is over', async () => {
    const it = await desk()
    it.propose()
    await it.pass(50)
    it.exchange.instrument({ ...swapRules, status: 'halted', revision: 2 })
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(1_000)
    expect(it.exchange.working('stop')).toEqual([])
    it.exchange.instrument({ ...swapRules, revision: 3 })
    await it.pass(60)
    expect(it.protection()?.status).toBe('covered')
  })
})

describe('exits', () => {
  it('are tried again until nothing is left, each for what is left', async () => {
    const it = await held()
    it.operate({ type: 'closePosition', symbol: swap })
    const first = only(it, 'exit')
    await it.pass(50)
    it.exchange.fill(first, '99.5', '4')
    it.exchange.end(first, 'expired', { code: 'exchange.order.ioc-remainder', message: 'The rest was not filled.' })
    it.exchange.quote(swap, 99, 99.1)
    await it.pass(500)
    const second = only(it, 'exit')
    expect(second.order).toMatchObject({ quantity: '6', limitPrice: '98.1', attempt: 1 })
    it.exchange.fill(second, '99')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'forceExit', grossPnl: '-8' }])
    expect(it.exchange.resting(swap).toString()).toBe('0')
  })

  it('that find no taker within the collar alarm a person and slow down', async () => {
    const it = await held()
    it.operate({ type: 'closePosition', symbol: swap })
    for (let count = 0; count < 12; count += 1) {
      for (const exit of it.exchange.working('exit')) it.exchange.end(exit, 'expired')
      await it.pass(500)
    }
    expect(it.codes()).toContain('inspector.protection.exit-slow')
    const exits = it.exchange.commands.filter(
      (command) => command.type === 'submit' && command.order.purpose === 'exit',
    )
    expect(exits.length).toBeLessThan(9)
    expect(it.exchange.resting(swap).toString()).toBe('10')
  })

  it('take back what waits to be opened beside them, and nothing is added meanwhile', async () => {
    const it = await held({ maxHoldingMs: 60_000 })
    it.propose({ intentId: 'intent-2', entry: 'limit', limitPrice: '99.5' })
    await it.pass(59_950)
    expect(only(it, 'entry').state).toBe('pendingCancel')
    const order = it.exchange.commands.slice(-2).map((command) => command.type)
    expect(order).toEqual(['cancel', 'submit'])
    it.propose({ intentId: 'intent-3' })
    expect(it.verdicts.at(-1)?.reasons.map(({ code }) => code)).toEqual([
      'inspector.rule.position-leaving',
      'inspector.rule.self-trade',
    ])
    it.exchange.fill(only(it, 'exit'), '99.9')
    await it.pass(100)
    it.propose({ intentId: 'intent-4' })
    expect(it.verdicts.at(-1)?.type).toBe('approved')
  })

  it('on spot free what protective orders hold before they sell', async () => {
    const symbol = 'BTC/USDT'
    const rules = { ...swapRules, symbol, kind: 'spot' as const }
    const it = await startDesk({ config: { policies }, exchange: { instruments: [rules] } })
    it.exchange.quote(symbol, 99.9, 100)
    it.propose({ symbol })
    await it.pass(50)
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(50)
    it.operate({ type: 'closePosition', symbol })
    expect(it.exchange.working('exit')).toEqual([])
    await it.pass(50)
    expect(only(it, 'exit').order.quantity).toBe(it.exchange.position(symbol))
    expect(it.exchange.working('stop')).toEqual([])
  })
})

describe('a moving stop', () => {
  it('goes to break-even once, and is told as a moved stop', async () => {
    const it = await held({ breakEven: { atR: 1, bufferBps: 20 } })
    it.exchange.quote(swap, 101.9, 102)
    await it.pass(150)
    expect(only(it, 'stop').order.triggerPrice).toBe('98')
    it.exchange.quote(swap, 102, 102.1)
    await it.pass(150)
    const stop = only(it, 'stop')
    expect(stop.order).toMatchObject({ triggerPrice: '100.2', quantity: '10' })
    expect(stop.order.ocoGroup).toBe(only(it, 'target').order.ocoGroup)
    it.exchange.quote(swap, 104, 104.1)
    await it.pass(150)
    expect(only(it, 'stop')).toBe(stop)
    it.exchange.trigger(stop)
    it.exchange.fill(stop, '100.2')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'trailingStop' }])
    expect(it.codes()).toEqual([])
  })

  it('follows the best price in steps and never goes back', async () => {
    const it = await held({ trailing: { activateAtR: 1, distanceBps: 100, stepBps: 20 } })
    const triggers: (string | null)[] = []
    for (const bid of [101.5, 102, 102.1, 103, 102.2, 104]) {
      it.exchange.quote(swap, bid, bid + 0.1)
      await it.pass(200)
      triggers.push(only(it, 'stop').order.triggerPrice)
    }
    expect(triggers).toEqual(['98', '101', '101', '102', '102', '103'])
  })

  it('that is overtaken while it is being moved sells at once', async () => {
    const it = await held({ breakEven: { atR: 1, bufferBps: 0 } })
    it.exchange.quote(swap, 102, 102.1)
    await it.pass(10)
    it.exchange.quote(swap, 99.8, 99.9)
    await it.pass(60)
    expect(it.exchange.working('stop')).toEqual([])
    it.exchange.fill(only(it, 'exit'), '99.8')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'trailingStop' }])
    expect(it.incidents.map(({ severity, reason }) => [severity, reason.code])).toEqual([
      ['info', 'inspector.protection.would-trigger'],
    ])
  })

  it('never lets stops together exceed the position', async () => {
    const it = await held({ trailing: { activateAtR: 0, distanceBps: 50, stepBps: 0 } })
    for (let step = 1; step < 40; step += 1) {
      it.exchange.quote(swap, 100 + step / 10, 100.1 + step / 10)
      for (let slice = 0; slice < 6; slice += 1) {
        await it.pass(20)
        expect(Number(it.exchange.resting(swap))).toBeLessThanOrEqual(10)
      }
    }
    expect(it.service.audit().longestNakedMs).toBeLessThanOrEqual(100)
  })
})

describe('shorts', () => {
  it('are protected the other way round', async () => {
    const it = await desk({ trailing: { activateAtR: 1, distanceBps: 100, stepBps: 20 } })
    it.propose({ direction: 'short', stopPrice: '102', targetPrice: '94', referencePrice: '99.9' })
    await it.pass(50)
    expect(only(it, 'entry').order.side).toBe('sell')
    it.exchange.fill(only(it, 'entry'), '99.9')
    await it.pass(50)
    expect(only(it, 'stop').order).toMatchObject({ side: 'buy', triggerPrice: '102' })
    expect(only(it, 'target').order).toMatchObject({ side: 'buy', limitPrice: '94' })
    it.exchange.quote(swap, 96.9, 97)
    await it.pass(150)
    expect(only(it, 'stop').order.triggerPrice).toBe('97.9')
    const stop = only(it, 'stop')
    it.exchange.trigger(stop)
    it.exchange.fill(stop, '97.9')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ direction: 'short', exitReason: 'trailingStop' }])
    expect(Number(it.outcomes[0]?.grossPnl)).toBeGreaterThan(0)
  })
})

describe('what cannot be changed', () => {
  it('a cancel that is refused again and again is repeated every ten seconds, until it is obeyed', async () => {
    const it = await held({}, { latencyMs: 50 })
    it.exchange.refuseCancels(true)
    it.exchange.vanish(swap)
    await it.pass(120_000)
    const cancels = it.exchange.commands.filter(({ type }) => type === 'cancel')
    expect(cancels.length).toBeGreaterThan(10)
    expect(cancels.length).toBeLessThan(30)
    expect(it.service.audit().openLots).toBe(1)
    it.exchange.refuseCancels(false)
    await it.pass(20_000)
    expect(it.exchange.working('stop').concat(it.exchange.working('target'))).toEqual([])
    expect(it.service.audit().openLots).toBe(0)
  })

  it('is one incident for each stretch without cover, however long the exchange pauses', async () => {
    const it = await desk()
    it.propose()
    await it.pass(50)
    it.exchange.instrument({ ...swapRules, status: 'halted' })
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(600_000)
    // A warning, then one for the symbol and one for the lot that is left because of it.
    expect(it.incidents.map(({ severity, reason }) => [severity, reason.code])).toEqual([
      ['warning', 'inspector.protection.naked'],
      ['critical', 'inspector.protection.naked-too-long'],
      ['critical', 'inspector.protection.naked-too-long'],
    ])
    it.exchange.instrument(swapRules)
    await it.pass(5_000)
    expect(it.protection()?.status).not.toBe('naked')
  })

  it('an exit that our own rules deny is tried again, and told once', async () => {
    const it = await held()
    it.exchange.instrument({ ...swapRules, maxNotional: '0.01' })
    it.operate({ type: 'closeAll' })
    await it.pass(60_000)
    const denied = it.verdicts.filter(({ type, purpose }) => type === 'denied' && purpose === 'exit')
    expect(denied.length).toBeGreaterThan(5)
    expect(it.codes().filter((code) => code === 'inspector.protection.denied')).toHaveLength(1)
  })

  it('a position that has outgrown the largest order is left in several', async () => {
    const it = await held()
    it.exchange.instrument({ ...swapRules, maxNotional: '400' })
    it.operate({ type: 'closeAll' })
    for (let round = 0; round < 5; round += 1) {
      await it.pass(1_500)
      for (const exit of it.exchange.working('exit')) it.exchange.fill(exit, '100')
    }
    await it.pass(1_000)
    expect(it.exchange.position(swap)).toBe('0')
    expect(it.codes()).toEqual([])
  })

  it('an entry that was called rejected and fills after all is protected all the same', async () => {
    const it = await desk()
    it.exchange.refuseNext('entry', { code: 'order.resolve.never-arrived', message: 'Nobody knows it.' })
    it.propose()
    await it.pass(1_000)
    expect(it.service.audit().openLots).toBe(0)
    const entry = [...it.exchange.orders.values()].find(({ order }) => order.purpose === 'entry')
    if (entry === undefined) throw new Error('no entry')
    it.exchange.fill(entry, '100')
    await it.pass(100)
    expect(it.protection()).toMatchObject({ status: 'covered', positionQuantity: '10', coveredQuantity: '10' })
    await it.pass(5_000)
    expect(it.codes()).toEqual([])
  })
})

describe('an exchange that takes few orders that wait for a trigger', () => {
  it('gets no entry whose stop it would refuse, and one again when there is room', async () => {
    const it = await startDesk({
      config: { policies: [maxPositionNotional('9000')], sizing: { maxNotional: '10%' } },
      exchange: { instruments: [{ ...swapRules, maxStopOrders: 2 }] },
    })
    const propose = async (intentId: string) => {
      it.propose({ intentId })
      await it.pass(60)
      return it.verdicts.find((verdict) => verdict.intentId === intentId)
    }
    for (const intentId of ['one', 'two']) {
      expect((await propose(intentId))?.type).toBe('approved')
      it.exchange.fill(it.exchange.working('entry')[0]!, '100')
      await it.pass(120)
    }
    expect(await propose('three')).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'inspector.rule.protective-reserve', limit: 2, observed: 3 }],
    })
    const [stop] = it.exchange.working('stop')
    it.exchange.trigger(stop!)
    it.exchange.fill(stop!, '98')
    await it.pass(1_000)
    expect((await propose('four'))?.type).toBe('approved')
  })
})
