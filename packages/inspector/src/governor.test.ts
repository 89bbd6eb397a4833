import { newYear } from '@barfinex/core/testing'
import { describe, expect, it } from 'vitest'
import { type DeskUnderTest, startDesk, swap } from '../test/desk-under-test.js'
import { dailyLoss } from './policies/daily-loss.js'
import { drawdown } from './policies/drawdown.js'
import { losingStreak } from './policies/losing-streak.js'
import { maxPositionNotional } from './policies/max-position-notional.js'
import { orderRate } from './policies/order-rate.js'
import { repeatedExecution } from './policies/repeated-execution.js'
import type { Policies } from './policy.js'
import type { InspectorOptions } from './service.js'

const midnight = newYear + 86_400_000

async function desk(policies: Policies, config: Partial<InspectorOptions> = {}): Promise<DeskUnderTest> {
  return startDesk({ config: { policies, sizing: { maxNotional: '10%' }, ...config } })
}

/** Opens ten at 100, long, and sees them protected. */
async function open(it: DeskUnderTest, intentId = 'intent-1'): Promise<void> {
  it.propose({ intentId, expiresAt: it.clock.now() + 60_000, issuedAt: it.clock.now() })
  await it.pass(50)
  it.exchange.fill(it.exchange.working('entry')[0]!, '100')
  await it.pass(50)
}

async function lose(it: DeskUnderTest, intentId: string): Promise<void> {
  await open(it, intentId)
  const stop = it.exchange.working('stop')[0]!
  it.exchange.trigger(stop)
  it.exchange.fill(stop, '98')
  await it.pass(100)
}

const reasonsOf = (it: DeskUnderTest): readonly string[] => it.verdicts.at(-1)?.reasons.map(({ code }) => code) ?? []

describe('a breached limit', () => {
  it('stands down on a move of the market alone, until the next 00:00 UTC', async () => {
    const it = await desk([dailyLoss('1%')])
    await open(it)
    it.exchange.quote(swap, 90.2, 90.3)
    // 9,999 after the fee, and 9.75 lost on each of ten: 9,901.5.
    expect(it.state()).toBe('active')
    it.exchange.quote(swap, 90, 90.1)
    expect(it.state()).toBe('reduceOnly')
    expect(it.acts).toMatchObject([
      { type: 'standDown', until: midnight, reason: { code: 'inspector.policy.daily-loss', limit: '100' } },
    ])
    it.exchange.quote(swap, 89, 89.1)
    expect(it.acts).toHaveLength(1)
    it.propose({ intentId: 'intent-2' })
    expect(reasonsOf(it)).toEqual(['inspector.rule.trading-state', 'inspector.policy.daily-loss'])
    // What is held stays under its stop.
    expect(it.exchange.resting(swap).toString()).toBe('10')
    await it.clock.advanceTo(midnight)
    expect(it.state()).toBe('active')
    expect(it.acts.at(-1)).toMatchObject({ type: 'resume', reason: { code: 'inspector.policy.daily-loss' } })
    expect(it.risk()?.dayStartEquityQuote).toBe('9889.5')
  })

  it('takes back entries that still wait', async () => {
    const it = await desk([dailyLoss('1%')])
    await open(it)
    it.propose({ intentId: 'intent-2', entry: 'limit', limitPrice: '99', stopPrice: '80' })
    await it.pass(50)
    it.exchange.quote(swap, 89, 89.1)
    await it.pass(50)
    expect(it.exchange.working('entry')).toEqual([])
    expect(it.exchange.resting(swap).toString()).toBe('10')
  })

  it('leaves every position where that was asked for', async () => {
    const it = await desk([dailyLoss('1%', { onBreach: 'closeAll' })])
    await open(it)
    it.exchange.quote(swap, 89, 89.1)
    await it.pass(0)
    expect(it.acts).toMatchObject([{ type: 'closeAll' }])
    const exit = it.exchange.working('exit')[0]!
    expect(exit.order).toMatchObject({ quantity: '10', side: 'sell' })
    it.exchange.fill(exit, '89')
    await it.pass(100)
    expect(it.outcomes).toMatchObject([{ exitReason: 'forceExit' }])
    expect(it.state()).toBe('reduceOnly')
  })

  it('of the drawdown waits for a named person, and the peak begins anew', async () => {
    const it = await desk([drawdown('2%')])
    it.exchange.quote(swap, 99.9, 100)
    await open(it)
    it.exchange.quote(swap, 78, 78.1)
    expect(it.state()).toBe('reduceOnly')
    await it.pass(86_400_000 * 2)
    expect(it.state()).toBe('reduceOnly')
    it.operate({ type: 'resume', by: 'anonymous', commandId: 'c-1' })
    expect(it.state()).toBe('reduceOnly')
    expect(it.codes()).toContain('inspector.command.unnamed')
    it.operate({ type: 'resume', by: 'ada', commandId: 'c-2' })
    expect(it.state()).toBe('active')
    expect(it.risk()?.drawdown).toBe(0)
  })

  it('of the streak throttles first, then rests, then goes on', async () => {
    const it = await desk([losingStreak(2, { pauseMs: 600_000 })])
    await lose(it, 'intent-1')
    expect(it.acts).toMatchObject([{ type: 'throttle', reason: { code: 'inspector.policy.losing-streak' } }])
    await lose(it, 'intent-2')
    const lastLossAt = it.outcomes[1]?.closedAt ?? 0
    expect(it.acts.slice(1)).toMatchObject([{ type: 'standDown', until: lastLossAt + 600_000 }])
    it.propose({ intentId: 'intent-3' })
    expect(reasonsOf(it)).toContain('inspector.policy.losing-streak')
    await it.clock.advanceTo(lastLossAt + 600_000)
    expect(it.state()).toBe('active')
    it.propose({ intentId: 'intent-4' })
    expect(it.verdicts.at(-1)?.type).toBe('approved')
  })

  it('of the order rate asks for fewer signals before it refuses', async () => {
    const it = await desk([orderRate({ count: 2, perMs: 60_000 }), maxPositionNotional('5000')])
    it.propose({ intentId: 'intent-1' })
    it.propose({ intentId: 'intent-2' })
    expect(it.acts).toMatchObject([{ type: 'throttle', until: newYear + 60_000 }])
    it.propose({ intentId: 'intent-3' })
    expect(reasonsOf(it)).toEqual(['inspector.policy.order-rate'])
  })
})

describe('an operator', () => {
  const policies: Policies = [maxPositionNotional('5000')]

  it('kills: entries are taken back, positions keep their stops, nothing is opened', async () => {
    const it = await desk(policies)
    await open(it)
    for (const intentId of ['intent-2', 'intent-3']) it.propose({ intentId, entry: 'limit', limitPrice: '99' })
    await it.pass(50)
    expect(it.exchange.working('entry')).toHaveLength(2)
    it.operate({ type: 'kill', commandId: 'kill-1' })
    await it.pass(50)
    expect(it.exchange.working('entry')).toEqual([])
    expect(it.state()).toBe('halted')
    expect(it.exchange.resting(swap).toString()).toBe('10')
    it.propose({ intentId: 'intent-4' })
    expect(reasonsOf(it)).toEqual(['inspector.rule.trading-state'])
    const before = it.exchange.commands.length
    it.operate({ type: 'kill', commandId: 'kill-2' })
    await it.pass(50)
    expect(it.exchange.commands).toHaveLength(before)
    expect(it.state()).toBe('halted')
    // Lost protection is still replaced.
    it.exchange.end(it.exchange.working('stop')[0]!, 'canceled')
    await it.pass(50)
    expect(it.protection()?.status).toBe('covered')
  })

  it('kills and leaves where that was configured', async () => {
    const it = await desk(policies, { onKill: 'exitPositions' })
    await open(it)
    it.operate({ type: 'kill' })
    await it.pass(0)
    expect(it.exchange.working('exit')[0]?.order.quantity).toBe('10')
    expect(it.state()).toBe('halted')
  })

  it('is not lifted by less: reduceOnly leaves a halt as it is, and no time ends it', async () => {
    const it = await desk(policies)
    it.operate({ type: 'halt', commandId: 'c-1' })
    it.operate({ type: 'reduceOnly', commandId: 'c-2' })
    await it.pass(86_400_000 * 3)
    expect(it.state()).toBe('halted')
    it.operate({ type: 'resume', commandId: 'c-3', by: 'grace' })
    expect(it.state()).toBe('active')
  })

  it('closes one position, or all, also such as nobody here has opened', async () => {
    const it = await desk(policies)
    await open(it)
    it.exchange.strangerFill(swap, 'buy', '3', '100')
    await it.pass(100)
    it.operate({ type: 'closeAll', commandId: 'c-1' })
    await it.pass(0)
    expect(it.exchange.working('exit').map(({ order }) => order.quantity)).toEqual(['3', '10'])
    for (const exit of it.exchange.working('exit')) it.exchange.fill(exit, '99.9')
    await it.pass(100)
    expect(it.exchange.position(swap)).toBe('0')
    expect(it.state()).toBe('active')
    expect(it.outcomes).toMatchObject([{ quantity: '10', exitReason: 'forceExit' }])
  })

  it('takes one order back; a stop of an open position comes again', async () => {
    const it = await desk(policies)
    await open(it)
    const stop = it.exchange.working('stop')[0]!
    it.operate({ type: 'cancelOrder', clientOrderId: stop.order.clientOrderId })
    await it.pass(200)
    expect(stop.state).toBe('canceled')
    expect(it.protection()).toMatchObject({ status: 'covered' })
  })

  it('is refused what is late, repeated, for nobody or for another account', async () => {
    const it = await desk(policies)
    it.operate({ type: 'halt', commandId: 'c-1', expiresAt: it.clock.now() })
    it.operate({ type: 'halt', commandId: 'c-2', account: 'other' })
    it.operate({ type: 'closePosition', commandId: 'c-3' })
    it.operate({ type: 'cancelOrder', commandId: 'c-4', clientOrderId: 'nobody' })
    expect(it.state()).toBe('active')
    expect(it.codes()).toEqual([
      'inspector.command.expired',
      'inspector.command.incomplete',
      'inspector.command.unknown-order',
    ])
  })
})

describe('the ledger', () => {
  it('that knows less than our fills is believed, and new risk waits for a person', async () => {
    const it = await desk([maxPositionNotional('5000')])
    await open(it)
    it.exchange.vanish(swap)
    await it.pass(999)
    expect(it.state()).toBe('active')
    await it.pass(200)
    expect(it.codes()).toContain('inspector.position.mismatch')
    expect(it.state()).toBe('reduceOnly')
    expect(it.exchange.working('stop')).toEqual([])
    expect(it.protection()?.status).toBe('flat')
    it.operate({ type: 'resume', by: 'ada' })
    expect(it.state()).toBe('active')
  })

  it('that is only ahead of us is waited for: one difference after the other is none, nor is a fill that has been told of', async () => {
    const it = await desk([maxPositionNotional('50000')])
    it.exchange.delayFills(700)
    await open(it, 'intent-1')
    await it.pass(600)
    await open(it, 'intent-2')
    await it.pass(600)
    expect(it.codes()).not.toContain('inspector.position.unmanaged')
    await it.pass(600)
    // Its fill takes longer than a difference may last, but an order event has told of it.
    it.exchange.delayFills(5_000)
    it.exchange.fill(it.exchange.working('stop')[0]!, '98')
    await it.pass(4_500)
    expect(it.state()).toBe('active')
    await it.pass(1_000)
    expect(it.codes()).not.toContain('inspector.position.mismatch')
  })

  it('whose fill never comes is believed in the end', async () => {
    const it = await desk([maxPositionNotional('5000')])
    await open(it)
    it.exchange.delayFills(86_400_000)
    it.exchange.fill(it.exchange.working('stop')[0]!, '98')
    await it.pass(29_900)
    expect(it.state()).toBe('active')
    await it.pass(200)
    expect(it.codes()).toContain('inspector.position.mismatch')
    expect(it.state()).toBe('reduceOnly')
  })

  it('that knows more is reported, counted against the limits and left alone', async () => {
    const it = await desk([maxPositionNotional('1200')])
    it.exchange.strangerFill(swap, 'buy', '3', '100')
    await it.pass(1_100)
    expect(it.codes()).toEqual(['inspector.position.unmanaged'])
    expect(it.exchange.working('stop')).toEqual([])
    it.propose()
    expect(it.verdicts[0]?.order?.quantity).toBe('9.001')
  })
})

describe('a strategy that goes round in circles', () => {
  it('is stopped until a named person has looked, also over a restart, and is counted anew then', async () => {
    const it = await desk([repeatedExecution({ count: 2, perMs: 3_600_000 })])
    await lose(it, 'intent-1')
    expect(it.state()).toBe('active')
    await lose(it, 'intent-2')
    expect(it.state()).toBe('reduceOnly')
    await it.pass(60_000)
    await it.crash()
    await it.boot()
    expect(it.state()).toBe('reduceOnly')
    it.operate({ type: 'resume', by: 'ada', commandId: 'c-1' })
    expect(it.state()).toBe('active')
    await it.crash()
    await it.boot()
    await it.pass(1_000)
    expect(it.state()).toBe('active')
    expect(it.acts.filter(({ type }) => type === 'standDown')).toHaveLength(1)
  })
})
