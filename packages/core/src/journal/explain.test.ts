import { describe, expect, it } from 'vitest'
import type { Envelope } from '../bus/envelope.js'
import { createMemoryBus } from '../bus/memory-bus.js'
import type { Channel } from '../flow/channel.js'
import { flow } from '../flow/map.js'
import { aDecision, anIntent, aStageRecord } from '../testing/given-decision.js'
import { aCandle, newYear } from '../testing/given-market.js'
import { aFill, anOrder, anOrderCommand, anOrderEvent } from '../testing/given-order.js'
import { anOperatorCommand } from '../testing/given-service.js'
import { anEvaluation, aRuleResult, aSignal } from '../testing/given-signal.js'
import { anIncident, anOutcome, aVerdict } from '../testing/given-verdict.js'
import { type Explanation, explain } from './explain.js'
import { createMemoryJournal } from './memory-journal.js'

/** A desk's day, written by hand: each call says one message and gives it back as a cause. */
function aDay() {
  const bus = createMemoryBus()
  const journal = createMemoryJournal()
  bus.tap((envelope, channel) => journal.append(envelope, channel))
  let at = newYear
  const say = <P>(channel: Channel<P>, payload: P, cause?: Envelope): Envelope => {
    at += 1
    const options = cause === undefined ? { occurredAt: at } : { occurredAt: at, cause }
    return bus.publisher(channel, 'test').publish(payload, options)
  }
  return { journal, say }
}

/** One whole trade named `name`: entry, stop, the stop's fill and the outcome. */
function aTrade(day: ReturnType<typeof aDay>, name: string, openTime: number) {
  const { say } = day
  const ids = { intentId: `intent-${name}`, decisionId: `decision-${name}`, signalId: `signal-${name}` }
  const entryId = `entry-${name}`
  const stopId = `stop-${name}`
  const candle = say(flow.candle, aCandle({ openTime }))
  say(flow.evaluation, anEvaluation({ strategyId: 'idle', candleOpenTime: openTime }), candle)
  const evaluation = say(
    flow.evaluation,
    anEvaluation({ candleOpenTime: openTime, signalId: ids.signalId, reasons: [] }),
    candle,
  )
  const signal = say(flow.signal, aSignal({ ...ids, candleOpenTime: openTime }), candle)
  const decision = say(flow.decision, aDecision(ids), signal)
  const intent = say(flow.intent, anIntent(ids), decision)
  const entry = anOrder({ clientOrderId: entryId, intentId: ids.intentId })
  const verdict = say(
    flow.verdict,
    aVerdict({ verdictId: `verdict-${name}`, intentId: ids.intentId, order: entry }),
    intent,
  )
  const command = say(flow.orderCommand, anOrderCommand({ order: entry }), verdict)
  say(flow.orderEvent, anOrderEvent({ clientOrderId: entryId, intentId: ids.intentId, sequence: 1 }), command)
  const fill = say(
    flow.fill,
    aFill({ fillId: `${entryId}.1`, clientOrderId: entryId, intentId: ids.intentId }),
    command,
  )
  const stop = anOrder({
    clientOrderId: stopId,
    intentId: ids.intentId,
    purpose: 'stop',
    side: 'sell',
    type: 'stopMarket',
  })
  const cover = say(
    flow.verdict,
    aVerdict({ verdictId: `cover-${name}`, intentId: ids.intentId, purpose: 'stop', order: stop }),
    fill,
  )
  const protect = say(flow.orderCommand, anOrderCommand({ order: stop }), cover)
  const exit = say(
    flow.fill,
    aFill({ fillId: `${stopId}.1`, clientOrderId: stopId, intentId: ids.intentId, purpose: 'stop' }),
    protect,
  )
  const outcome = say(flow.outcome, anOutcome({ ...ids, outcomeId: `outcome-${name}` }), exit)
  return { candle, evaluation, signal, decision, intent, verdict, command, fill, cover, protect, exit, outcome }
}

const typesOf = (explanation: Explanation | null, distance: (it: number) => boolean) =>
  explanation?.trail.filter((it) => distance(it.distance)).map(({ envelope }) => envelope.type)

const up = ['detector.evaluation', 'detector.signal', 'advisor.decision', 'advisor.intent']

describe('explain', () => {
  it('walks a whole trade from every one of its ids, and touches no other', async () => {
    const day = aDay()
    aTrade(day, 'before', newYear)
    const trade = aTrade(day, 'a', newYear + 60_000)
    aTrade(day, 'after', newYear + 120_000)
    for (const [id, it] of [
      ['signal-a', trade.signal],
      ['decision-a', trade.decision],
      ['intent-a', trade.intent],
      ['verdict-a', trade.verdict],
      ['entry-a', trade.command],
      ['entry-a.1', trade.fill],
      ['stop-a.1', trade.exit],
      ['outcome-a', trade.outcome],
      [trade.cover.id, trade.cover],
      [`ema-pullback@BTC/USDT@1m@${newYear + 60_000}`, trade.evaluation],
    ] as const) {
      const explanation = await explain(day.journal, id)
      const asked = explanation?.trail.filter(({ distance }) => distance === 0)
      expect(
        asked?.map(({ envelope }) => envelope.id),
        id,
      ).toEqual([it.id])
      expect(explanation).toMatchObject({ id, root: trade.candle.id, isComplete: true })
      const ids = explanation?.trail.map(({ envelope }) => envelope.id) ?? []
      expect(ids.filter((name) => /before|after|idle/.test(name))).toEqual([])
      expect(ids, id).toContain(trade.evaluation.id)
      expect(ids, id).toContain(trade.outcome.id)
      expect(explanation?.text).toContain(`Root: ${trade.candle.id}`)
    }
  })

  it('puts what led to it before it and what came of it after it', async () => {
    const day = aDay()
    aTrade(day, 'a', newYear)
    const entry = await explain(day.journal, 'entry-a')
    expect(typesOf(entry, (it) => it < 0)).toEqual([...up, 'inspector.verdict'])
    expect(typesOf(entry, (it) => it > 0)).toEqual([
      'order.event',
      'order.fill',
      'inspector.verdict',
      'order.command',
      'order.fill',
      'inspector.outcome',
    ])
    const stop = await explain(day.journal, 'stop-a')
    expect(typesOf(stop, (it) => it < 0)).toEqual([
      ...up,
      'inspector.verdict',
      'order.command',
      'order.fill',
      'inspector.verdict',
    ])
    expect(stop?.trail.map(({ distance }) => distance)).toEqual([-3, -2, -2, -1, -4, -3, -2, -1, 0, 1, 1])
    const outcome = await explain(day.journal, 'outcome-a')
    expect(typesOf(outcome, (it) => it > 0)).toEqual([])
    expect(typesOf(outcome, (it) => it < 0)?.filter((it) => it === 'order.fill')).toHaveLength(2)
  })

  it('shows the fills that an outcome is made of, whatever it names as its cause', async () => {
    const day = aDay()
    const { intent } = aTrade(day, 'a', newYear)
    day.say(flow.outcome, anOutcome({ outcomeId: 'late', intentId: 'intent-a' }), intent)
    const explanation = await explain(day.journal, 'late')
    expect(typesOf(explanation, (it) => it < 0)).toEqual([
      ...up,
      'inspector.verdict',
      'order.command',
      'order.fill',
      'inspector.verdict',
      'order.command',
      'order.fill',
    ])
  })

  it('finds the way where a cause was lost: over a restart, or in another process', async () => {
    const day = aDay()
    const { say } = day
    say(flow.signal, aSignal(), say(flow.candle, aCandle()))
    say(flow.decision, aDecision())
    say(flow.intent, anIntent())
    say(flow.verdict, aVerdict())
    say(flow.orderCommand, anOrderCommand())
    say(flow.fill, aFill())
    say(flow.outcome, anOutcome())
    const explanation = await explain(day.journal, 'BTC/USDT.1')
    expect(typesOf(explanation, () => true)).toEqual([
      'detector.signal',
      'advisor.decision',
      'advisor.intent',
      'inspector.verdict',
      'order.command',
      'order.fill',
      'inspector.outcome',
    ])
    expect(explanation?.root).toBe('market.candle:BTC/USDT@1m@1704067200000.0')
  })

  it('tells why not: the stage that rejected, the policies that failed', async () => {
    const { journal, say } = aDay()
    const signal = say(flow.signal, aSignal(), say(flow.candle, aCandle()))
    const reason = {
      code: 'advisor.validation.reward-risk',
      message: 'Reward to risk is 0.8.',
      limit: 1.5,
      observed: 0.8,
    }
    const rejected = aStageRecord('validation', {
      status: 'rejected',
      reasons: [reason],
      measured: { rewardToRisk: 0.8 },
      limits: { rewardToRisk: 1.5 },
    })
    const stages = aDecision().stages.map((it) => (it.name === 'validation' ? rejected : it))
    const decision = aDecision({
      outcome: 'rejected',
      intentId: null,
      rejectedBy: 'validation',
      reasons: [reason],
      stages,
    })
    say(flow.decision, decision, signal)
    const { text } = (await explain(journal, 'signal-1')) as Explanation
    expect(text).toContain('decision decision-1: rejected by validation')
    expect(text).toContain('7 validation: rejected (advisor.validation.reward-risk), rewardToRisk 0.8 against 1.5')
    expect(text).toContain('because advisor.validation.reward-risk: Reward to risk is 0.8. [limit 1.5, observed 0.8]')

    const denial = { code: 'inspector.daily-loss', message: 'The day has lost 2.1 %.', limit: 0.02, observed: 0.021 }
    const intent = say(flow.intent, anIntent({ intentId: 'intent-2' }), signal)
    say(
      flow.verdict,
      aVerdict({ type: 'denied', intentId: 'intent-2', verdictId: 'v2', order: null, reasons: [denial] }),
      intent,
    )
    const denied = (await explain(journal, 'v2')) as Explanation
    expect(denied.text).toContain('verdict denied: entry, no order')
    expect(denied.text).toContain('because inspector.daily-loss: The day has lost 2.1 %. [limit 0.02, observed 0.021]')
  })

  it('tells why nothing happened at a moment: what each strategy had judged by then, rule by rule', async () => {
    const { journal, say } = aDay()
    const judge = (strategyId: string, openTime: number, value: number) =>
      say(
        flow.evaluation,
        anEvaluation({
          strategyId,
          candleOpenTime: openTime,
          rules: [
            aRuleResult({ id: 'spread', fired: false, value }),
            aRuleResult({ id: 'trend', value: null, fired: false }),
          ],
          vetoes: ['news'],
        }),
      )
    judge('one', newYear, 1)
    const second = judge('one', newYear + 60_000, 2)
    judge('a.b:c', newYear + 60_000, 3)
    const third = judge('one', newYear + 120_000, 4)
    say(flow.evaluation, anEvaluation({ strategyId: 'one', symbol: 'ETH/USDT' }))

    const both = await explain(journal, `BTC/USDT@${third.occurredAt - 1}`)
    expect(both?.trail.map(({ envelope, distance }) => [envelope.id, distance])).toEqual([
      [second.id, 0],
      [`detector.evaluation:a.b:c@BTC/USDT@1m@${newYear + 60_000}`, 0],
    ])
    const { text } = (await explain(
      journal,
      `one@BTC/USDT@${new Date(second.occurredAt).toISOString()}`,
    )) as Explanation
    expect(text).toContain('evaluation by one of BTC/USDT 1m: no signal; long 2 of 3, short 0 of none')
    expect(text).toContain('quiet  long spread: value 2, weight 2')
    expect(text).toContain('quiet  long trend: not warm, weight 2')
    expect(text).toContain('veto   news')
    expect(text).toContain('because detector.below-threshold: The long score 2 is below 3. [limit 3, observed 2]')
    expect((await explain(journal, `a.b:c@BTC/USDT@${third.occurredAt}`))?.trail).toHaveLength(1)
    expect(await explain(journal, `BTC/USDT@${newYear}`)).toBeNull()
    expect(await explain(journal, 'two@BTC/USDT@9999999999999')).toBeNull()
  })

  it('follows what a person asked for', async () => {
    const day = aDay()
    const trade = aTrade(day, 'a', newYear)
    const { say } = day
    const command = say(flow.operatorCommand, anOperatorCommand({ commandId: 'close-all', type: 'closeAll' }))
    const order = anOrder({ clientOrderId: 'x-1', intentId: 'close-all', purpose: 'exit', side: 'sell' })
    const verdict = say(
      flow.verdict,
      aVerdict({ verdictId: 'vx', intentId: 'close-all', order, purpose: 'exit' }),
      command,
    )
    say(
      flow.fill,
      aFill({ fillId: 'fx', clientOrderId: 'x-1', intentId: 'close-all' }),
      say(flow.orderCommand, anOrderCommand({ order }), verdict),
    )
    const explanation = await explain(day.journal, 'fx')
    expect(explanation?.root).toBe('operator.command:close-all')
    expect(typesOf(explanation, () => true)).toEqual([
      'operator.command',
      'inspector.verdict',
      'order.command',
      'order.fill',
    ])
    expect(explanation?.text).toContain('command: type closeAll, by ada, why Looking at it myself.')
    expect(explanation?.text).not.toContain(trade.signal.id)
  })

  it('knows nothing of what is not there', async () => {
    const day = aDay()
    aTrade(day, 'a', newYear)
    for (const id of ['nothing', '', 'intent-b', '@', 'BTC/USDT@', 'BTC/USDT@yesterday', 'btc@1', 'x@BTC/USDT@never']) {
      expect(await explain(day.journal, id), id).toBeNull()
    }
  })

  it('keeps so much of a trail and says when there is more', async () => {
    const { journal, say } = aDay()
    const root = say(flow.incident, anIncident({ incidentId: 'flood' }))
    for (let index = 0; index < 10_050; index += 1)
      say(flow.incident, anIncident({ incidentId: `drop-${index}` }), root)
    const explanation = await explain(journal, 'flood')
    expect(explanation).toMatchObject({ isComplete: false })
    expect(explanation?.trail).toHaveLength(10_000)
    expect(explanation?.text).toContain('There is more than 10000 messages')
  })
})
