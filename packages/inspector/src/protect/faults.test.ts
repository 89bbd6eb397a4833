import { decimal, flow } from '@barfinex/core'
import { describe, expect, it } from 'vitest'
import { type DeskUnderTest, startDesk, swap, swapRules } from '../../test/desk-under-test.js'
import type { ScriptedOrder } from '../../test/scripted-order.js'
import { maxPositionNotional } from '../policies/max-position-notional.js'
import type { InspectorOptions } from '../service.js'

const policies = [maxPositionNotional('5000')] as const
const spot = 'BTC/USDT'

type Purpose = 'entry' | 'stop' | 'target' | 'exit'

async function desk(protection: InspectorOptions['protection'] = {}, exchange = {}): Promise<DeskUnderTest> {
  return startDesk({ config: { policies, protection, sizing: { maxNotional: '10%' } }, exchange })
}

async function spotDesk(protection: InspectorOptions['protection'] = {}, exchange = {}): Promise<DeskUnderTest> {
  const rules = { ...swapRules, symbol: spot, kind: 'spot' as const }
  const it = await desk(protection, { instruments: [rules], feeBps: '0', ...exchange })
  it.exchange.quote(spot, 99.9, 100)
  return it
}

/** Fills the entry of a long at 100, whole or in part, and waits until the exchange has answered. */
async function open(it: DeskUnderTest, symbol = swap, quantity?: string): Promise<void> {
  it.propose({ symbol })
  await it.pass(50)
  it.exchange.fill(only(it, 'entry'), '100', quantity)
  await it.pass(60)
}

async function held(protection: InspectorOptions['protection'] = {}, exchange = {}): Promise<DeskUnderTest> {
  const it = await desk(protection, exchange)
  await open(it)
  expect(it.protection()?.status).toBe('covered')
  return it
}

async function heldSpot(protection: InspectorOptions['protection'] = {}, exchange = {}): Promise<DeskUnderTest> {
  const it = await spotDesk(protection, exchange)
  await open(it, spot)
  expect(it.protection(spot)?.status).toBe('covered')
  // The target follows when the stop rests.
  await it.pass(60)
  return it
}

function only(it: DeskUnderTest, purpose: Purpose): ScriptedOrder {
  const [first, ...others] = it.exchange.working(purpose)
  if (first === undefined || others.length > 0) throw new Error(`${others.length + (first ? 1 : 0)} of ${purpose}`)
  return first
}

const sent = (it: DeskUnderTest, purpose: Purpose) =>
  it.exchange.commands.flatMap((it) => (it.type === 'submit' && it.order.purpose === purpose ? [it.order] : []))

const refusal = (code: string, message = 'No.') => ({ code, message })

describe('F7: a cancel races with a fill', () => {
  it('of the stop that is being moved: the fill wins, and what is left gets a stop of its size', async () => {
    const it = await held({ breakEven: { atR: 1, bufferBps: 0 } })
    const stop = only(it, 'stop')
    it.exchange.quote(swap, 102, 102.1)
    await it.pass(10)
    expect(stop.state).toBe('pendingCancel')
    it.exchange.fill(stop, '98', '4')
    await it.pass(200)
    expect(it.exchange.position(swap)).toBe('6')
    expect(it.exchange.resting(swap).toString()).toBe('6')
    expect(it.protection()).toMatchObject({ status: 'covered', positionQuantity: '6' })
  })

  it('of the stop whole: nothing is placed and nothing is sold twice', async () => {
    const it = await held({ breakEven: { atR: 1, bufferBps: 0 } })
    const stop = only(it, 'stop')
    it.exchange.quote(swap, 102, 102.1)
    await it.pass(10)
    it.exchange.fill(stop, '98')
    await it.pass(1_000)
    expect(it.exchange.position(swap)).toBe('0')
    expect(it.exchange.working('stop').concat(it.exchange.working('exit'))).toEqual([])
    expect(it.service.audit()).toMatchObject({ openLots: 0, nakedBeyondBoundMs: 0 })
  })
})

describe('F15: the entry fills in many parts', () => {
  it('each part is covered within one exchange latency, and no more than one part is open meanwhile', async () => {
    const it = await desk({ maxStops: 20 })
    it.propose()
    await it.pass(50)
    const entry = only(it, 'entry')
    for (let part = 1; part <= 9; part += 1) {
      it.exchange.fill(entry, '100', '1')
      const { exchange } = it
      expect(decimal(exchange.position(swap)).minus(exchange.resting(swap)).toString()).toBe('1')
      await it.pass(60)
      expect(exchange.resting(swap).toString()).toBe(String(part))
    }
    expect(it.service.audit().nakedTimes).toMatchObject({ count: 9, p50Ms: 50, longestMs: 50 })
  })
})

describe('F16: the stop is rejected', () => {
  it('for what the target beside it holds: the target makes way at once and the stop rests', async () => {
    const it = await desk()
    it.exchange.refuseNext('stop', refusal('exchange.order.insufficient-funds'))
    await open(it)
    await it.pass(200)
    expect(it.exchange.working('target')).toEqual([])
    expect(it.protection()).toMatchObject({ status: 'covered', coveredQuantity: '10' })
    expect(it.service.audit().longestNakedMs).toBeLessThan(500)
  })

  it('for the count of orders that wait for a trigger: all is covered by one stop', async () => {
    const it = await desk()
    await open(it, swap, '4')
    it.exchange.refuseNext('stop', refusal('exchange.rejected', 'Filter failure: MAX_NUM_ALGO_ORDERS'))
    it.exchange.fill(only(it, 'entry'), '100', '3')
    await it.pass(400)
    expect(only(it, 'stop').order.quantity).toBe('7')
    expect(it.protection()).toMatchObject({ status: 'covered', coveredQuantity: '7' })
    expect(it.service.audit().longestNakedMs).toBeLessThan(1_000)
  })

  it('for a filter that has changed: the next one is made on the new rules', async () => {
    const it = await desk()
    it.exchange.refuseNext('stop', refusal('exchange.order.off-tick'))
    it.propose({ stopPrice: '98.3' })
    await it.pass(50)
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(10)
    it.exchange.instrument({ ...swapRules, tickSize: '0.5', revision: 2 })
    await it.pass(400)
    expect(only(it, 'stop').order.triggerPrice).toBe('98.5')
    expect(it.protection()?.status).toBe('covered')
  })

  it('for good: tried three times with a pause, then left inside the collar, flat within 5 s', async () => {
    const it = await desk({ collarBps: 50 })
    it.exchange.refuseNext('stop', ...Array.from({ length: 9 }, () => refusal('exchange.rejected')))
    await open(it)
    await it.pass(600)
    expect(sent(it, 'stop')).toHaveLength(3)
    expect(only(it, 'exit').order).toMatchObject({ limitPrice: '99.5', timeInForce: 'ioc', reduceOnly: true })
    it.exchange.fill(only(it, 'exit'), '99.6')
    await it.pass(10)
    expect(it.exchange.position(swap)).toBe('0')
    expect(it.service.audit()).toMatchObject({ nakedBeyondBoundMs: 0, openLots: 0 })
    expect(it.codes()).toContain('inspector.protection.stop-refused')
  })
})

describe('F17: the stop is gone', () => {
  it('canceled by hand or expired: a new one rests one latency later', async () => {
    for (const state of ['canceled', 'expired'] as const) {
      const it = await held()
      it.exchange.end(only(it, 'stop'), state)
      await it.pass(60)
      expect(it.protection()?.status).toBe('covered')
      expect(it.codes()).toEqual(['inspector.protection.stop-missing'])
    }
  })

  it('without a word, so that only the ledger lacks it: an incident within 2 s, and a new one', async () => {
    const it = await held()
    const stop = only(it, 'stop')
    it.exchange.lose(stop)
    await it.pass(999)
    expect(it.codes()).toEqual([])
    await it.pass(1)
    expect(it.codes()).toEqual(['inspector.protection.not-resident'])
    expect(it.protection()?.status).toBe('naked')
    await it.pass(60)
    expect(it.protection()).toMatchObject({ status: 'covered', coveredQuantity: '10' })
    expect(only(it, 'stop').order.attempt).toBe(1)
  })

  it('changed by hand: the wrong one is taken back and the right one placed', async () => {
    const it = await held()
    const stop = only(it, 'stop')
    it.exchange.twist(stop, { triggerPrice: '60' })
    await it.pass(1_000)
    expect(it.codes()).toEqual(['inspector.protection.not-resident'])
    expect(it.protection()?.status).toBe('naked')
    await it.pass(200)
    expect(stop.state).toBe('canceled')
    expect(only(it, 'stop').order).toMatchObject({ triggerPrice: '98', quantity: '10' })
    expect(it.protection()?.status).toBe('covered')
  })

  it('is not believed of a ledger that does not know the account', async () => {
    const it = await held()
    it.exchange.setKnown(false)
    it.exchange.lose(only(it, 'stop'))
    await it.pass(5_000)
    expect(it.codes()).not.toContain('inspector.protection.not-resident')
    expect(sent(it, 'stop')).toHaveLength(1)
  })
})

describe('a stop that was never acknowledged', () => {
  it('covers nothing while it is being taken back', async () => {
    const it = await desk({}, { latencyMs: 10_000 })
    it.propose()
    await it.pass(10_000)
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(3_600)
    expect(only(it, 'stop').state).toBe('submitted')
    it.exchange.pend(only(it, 'stop'))
    expect(it.protection()).toMatchObject({ status: 'naked', coveredQuantity: '0' })
  })
})

describe('F18: the stop would trigger at once', () => {
  it('is an exit in the collar within the same instant, and flat within 2 s', async () => {
    const it = await desk({ collarBps: 50 })
    it.exchange.refuseNext('stop', refusal('exchange.rejected', 'Stop price would trigger immediately.'))
    await open(it)
    expect(only(it, 'exit').order).toMatchObject({ quantity: '10', limitPrice: '99.5' })
    it.exchange.fill(only(it, 'exit'), '99.5')
    await it.pass(10)
    expect(it.exchange.position(swap)).toBe('0')
    expect(it.service.audit().longestNakedMs).toBeLessThan(2_000)
  })
})

describe('a stop that fired and does not fill', () => {
  it('is followed after its own timeout by repriced exits, then by the market', async () => {
    const it = await held({ triggeredMs: 2_000, exitRetryMs: 500, exitTries: 3 })
    it.exchange.trigger(only(it, 'stop'))
    await it.pass(2_000)
    const limits: (string | null)[] = []
    for (const bid of [97, 96, 95]) {
      limits.push(only(it, 'exit').order.limitPrice)
      it.exchange.end(only(it, 'exit'), 'expired', refusal('exchange.order.no-liquidity'))
      it.exchange.quote(swap, bid, bid + 0.1)
      await it.pass(500)
    }
    expect(limits).toEqual(['99', '96.1', '95.1'])
    expect(only(it, 'exit').order).toMatchObject({ type: 'market', limitPrice: null, quantity: '10', reduceOnly: true })
    expect(it.incidents.filter(({ severity }) => severity === 'critical').map(({ reason }) => reason.code)).toEqual([
      'inspector.protection.stop-not-filled',
      'inspector.protection.exit-slow',
      'inspector.protection.exit-at-market',
    ])
    it.exchange.fill(only(it, 'exit'), '94')
    await it.pass(100)
    expect(it.exchange.position(swap)).toBe('0')
  })

  it('keeps to the collar where it was told to', async () => {
    const it = await held({ exitTries: 2, exitBeyondCollar: 'never' })
    it.operate({ type: 'closePosition', symbol: swap })
    for (let round = 0; round < 60; round += 1) {
      for (const exit of it.exchange.working('exit')) it.exchange.end(exit, 'expired')
      await it.pass(500)
    }
    const exits = sent(it, 'exit')
    expect(exits.every(({ type }) => type === 'limit')).toBe(true)
    // Two at once, then one every 5 s.
    expect(exits.length).toBeGreaterThan(5)
    expect(exits.length).toBeLessThan(11)
  })
})

describe('an exit', () => {
  it('that is rejected is told, and tried again', async () => {
    const it = await held()
    it.exchange.refuseNext('exit', refusal('exchange.rejected'))
    it.operate({ type: 'closePosition', symbol: swap })
    await it.pass(60)
    expect(it.codes()).toContain('inspector.protection.exit-refused')
    await it.pass(500)
    it.exchange.fill(only(it, 'exit'), '99.9')
    await it.pass(60)
    expect(it.exchange.position(swap)).toBe('0')
  })

  it('in parts is repriced for what is left and never counts as vain', async () => {
    const it = await held({ exitTries: 2 })
    it.operate({ type: 'closePosition', symbol: swap })
    for (let part = 0; part < 10; part += 1) {
      await it.pass(500)
      it.exchange.fill(only(it, 'exit'), '99.9', '1')
      for (const exit of it.exchange.working('exit')) it.exchange.end(exit, 'expired')
    }
    expect(it.exchange.position(swap)).toBe('0')
    expect(sent(it, 'exit').map(({ quantity }) => quantity)).toEqual([
      '10',
      '9',
      '8',
      '7',
      '6',
      '5',
      '4',
      '3',
      '2',
      '1',
    ])
    expect(it.codes()).not.toContain('inspector.protection.exit-slow')
  })

  it('whose fate is unclear leaves the stop in place on contracts, and is followed by another that can only reduce', async () => {
    const it = await held()
    it.operate({ type: 'closePosition', symbol: swap })
    await it.pass(50)
    it.exchange.doubt(only(it, 'exit'))
    await it.pass(500)
    expect(it.exchange.resting(swap).toString()).toBe('10')
    const [lost, next] = it.exchange.working('exit')
    expect(next?.order).toMatchObject({ quantity: '10', reduceOnly: true, attempt: 1 })
    expect(next?.order.clientOrderId).not.toBe(lost?.order.clientOrderId)
    // Nothing is opened while the lost one may still come.
    it.exchange.fill(next as ScriptedOrder, '99.9')
    await it.pass(10)
    it.propose({ intentId: 'intent-2' })
    expect(it.verdicts.at(-1)?.reasons.map(({ code }) => code)).toContain('inspector.rule.position-leaving')
    await it.pass(100)
    expect(lost?.state).toBe('canceled')
    it.propose({ intentId: 'intent-3' })
    expect(it.verdicts.at(-1)?.type).toBe('approved')
  })

  it('whose fate is unclear is waited for where another lot would pay for a second one', async () => {
    const it = await held()
    it.propose({ intentId: 'intent-2' })
    await it.pass(50)
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(60)
    const quiet = it.exchange.working('stop').length
    it.exchange.answer(false)
    it.operate({ type: 'closePosition', symbol: swap })
    await it.pass(5_000)
    expect(sent(it, 'exit')).toHaveLength(2)
    expect(it.exchange.working('stop')).toHaveLength(quiet)
  })

  it('whose fate is unclear brings the stop back on spot, and is made again once it is known', async () => {
    const it = await heldSpot()
    it.operate({ type: 'closePosition', symbol: spot })
    await it.pass(50)
    it.exchange.doubt(only(it, 'exit'))
    await it.pass(60)
    expect(it.exchange.resting(spot).toString()).toBe('10')
    it.exchange.end(only(it, 'exit'), 'expired')
    await it.pass(600)
    expect(it.exchange.working('stop')).toEqual([])
    it.exchange.fill(only(it, 'exit'), '99.9')
    await it.pass(60)
    expect(it.exchange.position(spot)).toBe('0')
    expect(it.exchange.working('stop')).toEqual([])
  })

  it('that finds nobody even at the market leaves the stop in place between its slow tries, on spot', async () => {
    const it = await heldSpot({ exitTries: 2 })
    it.operate({ type: 'closePosition', symbol: spot })
    for (let round = 0; round < 40 && sent(it, 'exit').length < 3; round += 1) {
      await it.pass(100)
      for (const exit of it.exchange.working('exit')) it.exchange.end(exit, 'expired')
    }
    expect(sent(it, 'exit').at(-1)?.type).toBe('market')
    await it.pass(100)
    expect(it.exchange.resting(spot).toString()).toBe('10')
    await it.pass(5_000)
    expect(it.exchange.working('stop')).toEqual([])
    it.exchange.fill(only(it, 'exit'), '99')
    await it.pass(60)
    expect(it.exchange.position(spot)).toBe('0')
  })

  it('does not wait for the answer to a cancel that is lost, on spot', async () => {
    const it = await heldSpot()
    it.exchange.answer(false)
    it.operate({ type: 'closePosition', symbol: spot })
    await it.pass(900)
    expect(sent(it, 'exit')).toEqual([])
    it.exchange.answer(true)
    await it.pass(150)
    expect(only(it, 'exit').order.quantity).toBe('10')
  })
})

describe('F19: stop and target', () => {
  it('without an exchange that links them: the other goes with the first fill, and nothing is oversold', async () => {
    const it = await held({}, { oco: false })
    it.exchange.fill(only(it, 'target'), '106', '7')
    await it.pass(200)
    expect(it.exchange.resting(swap).toString()).toBe('3')
    it.exchange.fill(only(it, 'stop'), '98')
    await it.pass(200)
    expect(it.exchange.position(swap)).toBe('0')
    expect(it.exchange.working('target')).toEqual([])
  })

  it('where the exchange holds only one of them, the stop rests and the target is watched', async () => {
    const it = await spotDesk({}, { oco: false })
    it.exchange.refuseNext('target', refusal('exchange.order.insufficient-funds'))
    await open(it, spot)
    await it.pass(100)
    expect(it.protection(spot)?.status).toBe('covered')
    expect(sent(it, 'target')).toHaveLength(1)
    it.exchange.quote(spot, 105.9, 106)
    await it.pass(100)
    expect(sent(it, 'exit')).toEqual([])
    it.exchange.quote(spot, 106, 106.1)
    await it.pass(100)
    expect(it.exchange.working('stop')).toEqual([])
    it.exchange.fill(only(it, 'exit'), '106')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'takeProfit', grossPnl: '60' }])
  })

  it('on spot the target is sent when the stop rests: before that it would hold what the stop needs', async () => {
    const it = await spotDesk()
    it.propose({ symbol: spot })
    await it.pass(50)
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(0)
    expect([sent(it, 'stop').length, sent(it, 'target').length]).toEqual([1, 0])
    await it.pass(120)
    expect(only(it, 'target').order.ocoGroup).toBe(only(it, 'stop').order.ocoGroup)
  })

  it('on spot a target makes way when another lot lacks the funds for its stop', async () => {
    const it = await heldSpot()
    it.propose({ intentId: 'intent-2', symbol: spot })
    await it.pass(50)
    it.exchange.refuseNext('stop', refusal('exchange.order.insufficient-funds'))
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(200)
    expect(it.exchange.working('target')).toEqual([])
    expect(it.exchange.working('stop')).toHaveLength(2)
    expect(it.protection(spot)?.status).toBe('covered')
  })

  it('on contracts a stop refused for margin takes no targets of other lots away', async () => {
    const it = await desk()
    await open(it)
    await it.pass(60)
    it.exchange.refuseNext('stop', refusal('exchange.order.insufficient-margin'))
    it.propose({ intentId: 'intent-2' })
    await it.pass(50)
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(2_000)
    expect(it.exchange.working('target').map(({ order }) => order.intentId)).toContain('intent-1')
  })

  it('on spot a target that filled in part gives back what it holds before the stop for the rest is placed', async () => {
    const it = await heldSpot()
    it.exchange.fill(only(it, 'target'), '106', '4')
    expect(it.exchange.working('stop')).toEqual([])
    const before = it.exchange.commands.length
    await it.pass(120)
    expect(it.exchange.commands.slice(before).map((it) => (it.type === 'submit' ? it.order.purpose : it.type))).toEqual(
      ['cancel', 'stop', 'target'],
    )
    expect(it.protection(spot)).toMatchObject({ status: 'covered', positionQuantity: '6' })
    expect(only(it, 'target').order).toMatchObject({ quantity: '6', ocoGroup: only(it, 'stop').order.ocoGroup })
  })

  it('is on record, stop and target, before the entry is sent', async () => {
    const it = await desk({}, { oco: false })
    const onRecord: string[] = []
    it.exchange.answer(false)
    it.propose()
    for await (const { type, payload } of it.journal.read()) {
      if (type === flow.intent.name) onRecord.push((payload as { stopPrice: string }).stopPrice)
      if (type === flow.intent.name) onRecord.push((payload as { targetPrice: string }).targetPrice)
      if (type === flow.verdict.name || type === flow.orderCommand.name) onRecord.push(type)
    }
    expect(onRecord).toEqual(['98', '106', flow.verdict.name, flow.orderCommand.name])
  })

  it('without an exchange that links them, are the same after the process died at any step', async () => {
    for (const diesAt of [0, 20, 60, 110, 160]) {
      const it = await desk({}, { oco: false })
      it.propose()
      await it.pass(50)
      it.exchange.fill(only(it, 'entry'), '100')
      await it.pass(diesAt)
      await it.crash()
      await it.pass(3_000)
      await it.boot()
      await it.pass(100)
      expect(only(it, 'stop').order.quantity, `died ${diesAt} ms after the fill`).toBe('10')
      expect(only(it, 'target').order.quantity).toBe('10')
      it.exchange.fill(only(it, 'target'), '106')
      await it.pass(100)
      expect(it.exchange.position(swap)).toBe('0')
      expect(it.exchange.working('stop')).toEqual([])
    }
  })
})

describe('F14: the process dies between the fill and the stop', () => {
  it('the stop is the first thing that is sent after the restart', async () => {
    const it = await desk()
    it.propose()
    await it.pass(50)
    await it.crash()
    it.exchange.fill(only(it, 'entry'), '100')
    it.propose({ intentId: 'intent-2' })
    it.operate({ type: 'cancelEntries' })
    await it.pass(4_000)
    const before = it.exchange.commands.length
    await it.boot()
    const first = it.exchange.commands[before]
    expect(first?.type === 'submit' && first.order.purpose).toBe('stop')
    await it.pass(50)
    expect(it.protection()).toMatchObject({ status: 'covered', coveredQuantity: '10' })
    // Four seconds down, one latency to protect.
    expect(it.service.audit().longestNakedMs).toBe(4_050)
  })
})

describe('R40: on spot', () => {
  it('no protective order sells what is promised to another', async () => {
    const it = await heldSpot()
    it.propose({ intentId: 'intent-2', symbol: spot })
    await it.pass(50)
    it.exchange.fill(only(it, 'entry'), '100')
    await it.pass(100)
    expect(it.exchange.resting(spot).toString()).toBe(it.exchange.position(spot))
    expect(it.verdicts.filter(({ type }) => type === 'denied')).toEqual([])
  })
})

describe('an end of an order that is told before its fill', () => {
  const late = { fillLatencyMs: 400 }

  for (const purpose of ['stop', 'target', 'exit'] as const) {
    for (const symbol of [swap, spot]) {
      it(`${purpose} on ${symbol}: nothing is sold a second time meanwhile`, async () => {
        const it = symbol === spot ? await spotDesk({}, late) : await desk({}, late)
        await open(it, symbol)
        await it.pass(600)
        expect(it.protection(symbol)?.status).toBe('covered')
        if (purpose === 'exit') {
          it.operate({ type: 'closePosition', symbol })
          await it.pass(300)
        }
        const way = only(it, purpose)
        const sold = () => it.exchange.commands.filter((command) => command.type === 'submit').length
        const before = sold()
        if (purpose === 'stop') it.exchange.trigger(way)
        it.exchange.fill(way, purpose === 'target' ? '106' : '98')
        await it.pass(390)
        expect(sold()).toBe(before)
        expect(it.codes()).not.toContain('inspector.protection.would-trigger')
        await it.pass(5_000)
        expect(sold()).toBe(before)
        expect(it.exchange.position(symbol)).toBe('0')
        expect(it.service.audit()).toMatchObject({ openLots: 0, nakedBeyondBoundMs: 0 })
        expect(it.codes()).not.toContain('inspector.position.mismatch')
      })
    }
  }
})
