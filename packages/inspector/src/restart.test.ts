import { flow } from '@barfinex/core'
import { newYear } from '@barfinex/core/testing'
import { describe, expect, it } from 'vitest'
import { type DeskUnderTest, startDesk, swap } from '../test/desk-under-test.js'
import { dailyLoss } from './policies/daily-loss.js'
import { drawdown } from './policies/drawdown.js'
import { losingStreak } from './policies/losing-streak.js'
import { maxPositionNotional } from './policies/max-position-notional.js'
import { orderRate } from './policies/order-rate.js'
import type { Policies } from './policy.js'

async function desk(policies: Policies = [maxPositionNotional('1000')], protection = {}): Promise<DeskUnderTest> {
  return startDesk({ config: { policies, protection, sizing: { maxNotional: '10%' } } })
}

async function open(it: DeskUnderTest, intentId = 'intent-1'): Promise<void> {
  it.propose({ intentId })
  await it.pass(50)
  it.exchange.fill(it.exchange.working('entry')[0]!, '100')
  await it.pass(50)
}

describe('after a restart', () => {
  it('a position that filled meanwhile gets its stop before any intent is looked at', async () => {
    const it = await desk([maxPositionNotional('5000')])
    it.propose()
    await it.pass(50)
    await it.crash()
    it.exchange.fill(it.exchange.working('entry')[0]!, '100')
    it.propose({ intentId: 'intent-2' })
    await it.pass(60_000)
    const before = it.verdicts.length
    await it.boot()
    expect(it.verdicts.slice(before)).toMatchObject([
      { purpose: 'stop', type: 'approved', order: { quantity: '10', triggerPrice: '98' } },
      { purpose: 'target', type: 'approved' },
      // No quote has arrived yet: what the position is worth cannot be said.
      { purpose: 'entry', type: 'denied', intentId: 'intent-2', reasons: [{ code: 'inspector.size.failed-closed' }] },
    ])
    await it.pass(50)
    expect(it.protection()).toMatchObject({ status: 'covered', coveredQuantity: '10' })
    // The time it was down is counted, and it does not lead to an exit.
    expect(it.service.audit()).toMatchObject({ longestNakedMs: 60_050, nakedBeyondBoundMs: 55_050 })
    expect(it.exchange.working('exit')).toEqual([])
  })

  it('what the ledger has shown to be gone stays gone: no stop is placed for it', async () => {
    const it = await desk()
    await open(it)
    it.exchange.vanish(swap)
    await it.pass(1_200)
    expect(it.codes()).toContain('inspector.position.mismatch')
    const before = it.exchange.commands.length
    await it.crash()
    await it.boot()
    await it.pass(30_000)
    expect(it.exchange.commands).toHaveLength(before)
    expect(it.codes().filter((code) => code === 'inspector.position.mismatch')).toHaveLength(1)
    expect(it.service.audit().openLots).toBe(0)
  })

  it('what was only approved was never sent: a stop is placed at once, not when the seal has run out', async () => {
    const it = await desk()
    it.propose()
    await it.pass(50)
    // The process dies between the verdicts about stop and target and their commands.
    const { append } = it.journal
    it.journal.append = (envelope, channel) => {
      if (envelope.type !== flow.orderCommand.name) append(envelope, channel)
    }
    it.exchange.answer(false)
    it.exchange.fill(it.exchange.working('entry')[0]!, '100')
    await it.pass(5)
    await it.crash()
    it.journal.append = append
    it.exchange.answer(true)
    const before = it.verdicts.length
    await it.boot()
    await it.pass(60)
    expect(it.verdicts.slice(before)).toMatchObject([
      { purpose: 'stop', type: 'approved', order: { attempt: 1 } },
      { purpose: 'target', type: 'approved' },
    ])
    expect(it.protection()).toMatchObject({ status: 'covered' })
  })

  it('what rests is recognised: nothing is placed twice', async () => {
    const it = await desk()
    await open(it)
    const before = it.exchange.commands.length
    await it.crash()
    await it.boot()
    await it.pass(30_000)
    expect(it.exchange.commands).toHaveLength(before)
    expect(it.protection()).toMatchObject({ status: 'covered' })
    const stop = it.exchange.working('stop')[0]!
    it.exchange.trigger(stop)
    it.exchange.fill(stop, '98')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'stopLoss', entryPrice: '100', netPnl: '-21.98' }])
    expect(it.risk()).toMatchObject({ losingStreak: 1 })
  })

  it('the stop is replaced that was being replaced when the process died', async () => {
    const it = await desk([maxPositionNotional('1000')], { breakEven: { atR: 1, bufferBps: 0 } })
    await open(it)
    it.exchange.quote(swap, 102, 102.1)
    await it.pass(10)
    expect(it.exchange.working('stop')[0]?.state).toBe('pendingCancel')
    await it.crash()
    await it.pass(1_000)
    expect(it.exchange.resting(swap).toString()).toBe('0')
    await it.boot()
    await it.pass(50)
    expect(it.exchange.working('stop')).toHaveLength(1)
    expect(it.protection()?.status).toBe('covered')
  })

  it('a moved stop stays where it was moved to', async () => {
    const it = await desk([maxPositionNotional('1000')], { breakEven: { atR: 1, bufferBps: 0 } })
    await open(it)
    it.exchange.quote(swap, 102, 102.1)
    await it.pass(200)
    await it.crash()
    await it.boot()
    it.exchange.quote(swap, 101, 101.1)
    await it.pass(200)
    const stop = it.exchange.working('stop')[0]!
    expect(stop.order).toMatchObject({ triggerPrice: '100', attempt: 1 })
    it.exchange.trigger(stop)
    it.exchange.fill(stop, '100')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'trailingStop' }])
  })

  it('a trade that ended meanwhile is told', async () => {
    const it = await desk()
    await open(it)
    await it.crash()
    it.exchange.fill(it.exchange.working('target')[0]!, '106')
    await it.pass(10_000)
    await it.boot()
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'takeProfit', grossPnl: '60' }])
    await it.crash()
    await it.boot()
    await it.pass(100)
    expect(it.outcomes).toHaveLength(1)
  })

  it('promised headroom stays promised, and an intent that was judged is not judged again', async () => {
    const it = await desk()
    it.propose({ entry: 'limit', limitPrice: '99' })
    await it.pass(50)
    await it.crash()
    await it.boot()
    it.propose({ entry: 'limit', limitPrice: '99' })
    it.propose({ intentId: 'intent-2' })
    expect(it.verdicts).toHaveLength(2)
    expect(it.verdicts[1]).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'inspector.policy.max-position-notional' }],
    })
    it.exchange.end(it.exchange.working('entry')[0]!, 'canceled')
    await it.pass(50)
    it.propose({ intentId: 'intent-3' })
    expect(it.verdicts[2]?.reasons).toEqual([])
  })

  it('a halt stays until a named operator lifts it', async () => {
    const it = await desk()
    it.operate({ type: 'kill', commandId: 'kill-1' })
    await it.crash()
    await it.boot()
    expect(it.state()).toBe('halted')
    it.operate({ type: 'resume', by: 'system', commandId: 'c-2' })
    await it.crash()
    await it.boot()
    expect(it.state()).toBe('halted')
    it.operate({ type: 'resume', by: 'ada', commandId: 'c-3' })
    await it.crash()
    await it.boot()
    expect(it.state()).toBe('active')
  })

  it('a daily loss stands until the day is over, also when that happens meanwhile', async () => {
    const it = await desk([dailyLoss('1%')])
    await open(it)
    it.exchange.quote(swap, 80, 80.1)
    expect(it.state()).toBe('reduceOnly')
    await it.crash()
    await it.boot()
    expect(it.state()).toBe('reduceOnly')
    expect(it.acts).toHaveLength(1)
    await it.crash()
    await it.clock.advanceTo(newYear + 86_400_000 + 5_000)
    await it.boot()
    await it.pass(0)
    expect(it.state()).toBe('active')
  })

  it('peak, start of the day, streak, pace and spent decisions are remembered', async () => {
    const policies: Policies = [
      drawdown('50%'),
      losingStreak(3),
      orderRate({ count: 5, perMs: 3_600_000 }),
      maxPositionNotional('5000'),
    ]
    const it = await desk(policies)
    await open(it)
    it.exchange.quote(swap, 105, 105.1)
    await it.pass(60_000)
    const peak = it.risk()?.peakEquityQuote
    const stop = it.exchange.working('stop')[0]!
    it.exchange.trigger(stop)
    it.exchange.fill(stop, '98')
    await it.pass(60_000)
    await it.crash()
    await it.boot()
    await it.pass(60_000)
    expect(it.risk()).toMatchObject({ peakEquityQuote: peak, dayStartEquityQuote: '10000', losingStreak: 1 })
    expect(Number(peak)).toBeGreaterThan(10_045)
    it.propose({ intentId: 'again', decisionId: 'decision-of-intent-1' })
    expect(it.verdicts.at(-1)?.reasons.map(({ code }) => code)).toEqual(['inspector.rule.decision-spent'])
  })

  it('a time limit that passed meanwhile is a time limit', async () => {
    const it = await desk([maxPositionNotional('1000')], { maxHoldingMs: 60_000 })
    await open(it)
    await it.crash()
    await it.pass(120_000)
    await it.boot()
    const exit = it.exchange.working('exit')[0]!
    await it.crash()
    await it.boot()
    it.exchange.fill(exit, '99.9')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'timeLimit' }])
  })

  it('an order that was given up for want of an answer comes back with its lot', async () => {
    const it = await desk()
    it.propose()
    const order = it.verdicts[0]!.order!
    it.exchange.answer(false)
    await it.crash()
    // The command stands in the journal; whether it was taken nobody knows.
    await it.pass(20_000)
    await it.boot()
    await it.pass(20_000)
    expect(it.service.audit().openLots).toBe(1)
    it.exchange.fill(it.exchange.orders.get(order.clientOrderId)!, '100')
    it.exchange.answer(true)
    await it.pass(10_000)
    expect(it.exchange.position(swap)).not.toBe('0')
    expect(it.protection()?.status).toBe('covered')
  })
})
