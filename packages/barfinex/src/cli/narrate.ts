import { type Bus, flow, type Reason, type Unsubscribe } from '@barfinex/core'
import { instant } from './summary.js'

/** Tells a run as it goes: one line per signal, decision, verdict, fill, protection and end of a trade, each with its why. */
export function narrate(bus: Bus, tell: (line: string) => void): () => void {
  const covered = new Map<string, string>()
  const say = (at: number, what: string, text: string) => tell(`${instant(at)}  ${what.padEnd(10)} ${text}`)
  const unsubscribes: Unsubscribe[] = [
    bus.subscribe(flow.signal, ({ payload: it, occurredAt }) => {
      const fired = it.rules.filter((rule) => rule.fired && rule.direction === it.direction).map((rule) => rule.id)
      say(
        occurredAt,
        'signal',
        `${it.symbol} ${it.direction} by ${it.strategyId}, score ${it.score} of ${it.threshold}: ${fired.join(', ')}`,
      )
    }),
    bus.subscribe(flow.decision, ({ payload: it, occurredAt }) => {
      const worth =
        it.probability === null
          ? ''
          : `, probability ${it.probability.toFixed(2)}, worth ${(it.expectedR ?? 0).toFixed(2)} R`
      const what =
        it.rejectedBy === null ? `intent${worth}` : `no, at ${it.rejectedBy}${worth}: ${sentences(it.reasons)}`
      say(occurredAt, 'decision', `${it.symbol} ${it.direction}: ${what}`)
    }),
    bus.subscribe(flow.verdict, ({ payload: it, occurredAt }) => {
      if (it.purpose !== 'entry') return
      const what =
        it.type === 'approved'
          ? `approved: ${it.order?.side} ${it.order?.quantity}`
          : `denied: ${sentences(it.reasons)}`
      say(occurredAt, 'verdict', `${it.symbol} ${what}`)
    }),
    bus.subscribe(flow.fill, ({ payload: it, occurredAt }) => {
      say(
        occurredAt,
        'fill',
        `${it.symbol} ${it.purpose}: ${it.side} ${it.quantity} at ${it.price}, fee ${it.fee} ${it.feeAsset}`,
      )
    }),
    bus.subscribe(flow.protection, ({ payload: it, occurredAt }) => {
      const before = covered.get(it.symbol)
      covered.set(it.symbol, it.status)
      if (before === it.status || it.status === 'flat' || (before === undefined && it.status !== 'covered')) return
      const stop = it.stopPrice === null ? 'no stop' : `stop ${it.stopPrice}`
      say(
        occurredAt,
        'protection',
        `${it.symbol} ${it.status}: ${it.coveredQuantity} of ${it.positionQuantity}, ${stop}, target ${it.targetPrice ?? 'none'}`,
      )
    }),
    bus.subscribe(flow.outcome, ({ payload: it, occurredAt }) => {
      say(
        occurredAt,
        'outcome',
        `${it.symbol} ${it.direction} ended by ${it.exitReason}: ${it.netPnl} (${it.resultR.toFixed(2)} R)`,
      )
    }),
    bus.subscribe(flow.incident, ({ payload: it, occurredAt }) => {
      say(occurredAt, 'incident', `${it.severity}: ${it.reason.message}`)
    }),
  ]
  return () => {
    for (const unsubscribe of unsubscribes.splice(0)) unsubscribe()
  }
}

function sentences(reasons: readonly Reason[]): string {
  return reasons.map((it) => it.message).join(' ')
}
