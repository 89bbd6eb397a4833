import type { Envelope } from '../bus/envelope.js'
import type { Evaluation, Signal } from '../flow/2-signal.js'
import type { Decision, ExecutionIntent } from '../flow/3-decision.js'
import type { TradeOutcome, Verdict } from '../flow/4-verdict.js'
import type { Fill, OrderCommand, OrderEvent } from '../flow/5-order.js'
import type { OperatorCommand } from '../flow/6-command.js'
import { flow } from '../flow/map.js'

/** What connects a message to others. Links are texts such as `intent/intent-1`. */
export interface TrailLinks {
  /** Links that it is the other end of: what came of it has them in `from`. */
  readonly own: readonly string[]
  /** Links to what led to it. */
  readonly from: readonly string[]
}

/** Ids by which a person may ask for a message, beside its envelope's. */
export function namesOf({ type, payload }: Envelope): readonly string[] {
  switch (type) {
    case flow.evaluation.name:
      return [judged(payload as Evaluation)]
    case flow.signal.name:
      return [(payload as Signal).signalId]
    case flow.decision.name:
      return [(payload as Decision).decisionId]
    case flow.intent.name:
      return [(payload as ExecutionIntent).intentId]
    case flow.verdict.name:
      return [(payload as Verdict).verdictId]
    case flow.orderCommand.name: {
      const command = payload as OrderCommand
      return command.type === 'submit' ? [command.commandId, command.order.clientOrderId] : [command.commandId]
    }
    // An order that was never commanded here (found at the exchange) is known by its events alone.
    case flow.orderEvent.name:
      return [(payload as OrderEvent).clientOrderId]
    case flow.fill.name:
      return [(payload as Fill).fillId]
    case flow.outcome.name:
      return [(payload as TradeOutcome).outcomeId]
    case flow.operatorCommand.name:
      return [(payload as OperatorCommand).commandId]
    default: {
      const { actId, incidentId } = payload as { readonly actId?: string; readonly incidentId?: string }
      return [actId, incidentId].filter((it) => it !== undefined)
    }
  }
}

/** Causation, and what the payloads say of each other: a trail holds where a cause was lost, as over a restart. */
export function linksOf(envelope: Envelope): TrailLinks {
  const { own, from } = saidOf(envelope)
  const isRoot = envelope.causationId === envelope.id
  return {
    own: [`message/${envelope.id}`, ...own],
    from: isRoot ? from : [`message/${envelope.causationId}`, ...from],
  }
}

function saidOf({ type, payload }: Envelope): TrailLinks {
  switch (type) {
    case flow.evaluation.name:
      return { own: [`judged/${judged(payload as Evaluation)}`], from: [] }
    case flow.signal.name: {
      const it = payload as Signal
      return { own: [`signal/${it.signalId}`], from: [`judged/${judged(it)}`] }
    }
    case flow.decision.name: {
      const it = payload as Decision
      return { own: [`decision/${it.decisionId}`], from: [`signal/${it.signalId}`] }
    }
    case flow.intent.name: {
      const it = payload as ExecutionIntent
      return { own: [`intent/${it.intentId}`], from: [`decision/${it.decisionId}`, `signal/${it.signalId}`] }
    }
    // Orders that a person asked for carry the command's id as their intent's.
    case flow.operatorCommand.name:
      return { own: [`intent/${(payload as OperatorCommand).commandId}`], from: [] }
    case flow.verdict.name: {
      const it = payload as Verdict
      return { own: it.order === null ? [] : [`sealed/${it.order.clientOrderId}`], from: [`intent/${it.intentId}`] }
    }
    case flow.orderCommand.name: {
      const it = payload as OrderCommand
      if (it.type === 'cancel') return { own: [], from: [`order/${it.clientOrderId}`] }
      const { clientOrderId, intentId } = it.order
      return { own: [`order/${clientOrderId}`], from: [`sealed/${clientOrderId}`, `intent/${intentId}`] }
    }
    case flow.orderEvent.name: {
      const it = payload as OrderEvent
      return { own: [], from: [`order/${it.clientOrderId}`, `intent/${it.intentId}`] }
    }
    case flow.fill.name: {
      const it = payload as Fill
      return { own: [`filled/${it.intentId}`], from: [`order/${it.clientOrderId}`, `intent/${it.intentId}`] }
    }
    case flow.outcome.name: {
      const { intentId, decisionId, signalId } = payload as TradeOutcome
      const from = [`filled/${intentId}`, `intent/${intentId}`, `decision/${decisionId}`, `signal/${signalId}`]
      return { own: [], from }
    }
    default:
      return { own: [], from: [] }
  }
}

function judged(it: Pick<Evaluation, 'strategyId' | 'symbol' | 'timeframe' | 'candleOpenTime'>): string {
  return `${it.strategyId}@${it.symbol}@${it.timeframe}@${it.candleOpenTime}`
}
