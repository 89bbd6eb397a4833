import {
  type Act,
  type Envelope,
  type ExecutionIntent,
  type Fill,
  flow,
  type Incident,
  type OperatorCommand,
  type OrderCommand,
  type OrderEvent,
  type RiskState,
  type TradeOutcome,
  type Verdict,
} from '@barfinex/core'
import type { Context } from './context.js'
import type { CoverWatch } from './protect/cover-watch.js'
import { dustCode } from './protect/dust.js'
import { recallWriteOff } from './write-off.js'

/**
 * Folds one message of the journal, exactly as it was folded when it happened. Nothing is said and nothing is sent: after the last
 * one Inspector knows what it knew, and acts on that.
 */
export function recall(
  context: Pick<Context, 'memory' | 'guards' | 'accountId'>,
  cover: Pick<CoverWatch, 'recall'>,
  envelope: Envelope,
): void {
  const { memory } = context
  const { payload, occurredAt, type } = envelope
  const account = (payload as { readonly account?: unknown }).account
  if (typeof account === 'string' && !context.guards(account)) return
  switch (type) {
    case flow.intent.name:
      if (!memory.wasJudged((payload as ExecutionIntent).intentId)) memory.learnIntent(payload as ExecutionIntent)
      return
    case flow.verdict.name:
      memory.learnVerdict(payload as Verdict, envelope)
      return
    case flow.orderCommand.name:
      // What came in over HTTP is not of our making: its outcome is order events, if it has one.
      if (envelope.source !== 'inspector') return
      memory.learnCommand(payload as OrderCommand, occurredAt)
      return
    case flow.orderEvent.name:
      if (memory.learnOrderEvent(payload as OrderEvent, occurredAt) !== null)
        cover.recall((payload as OrderEvent).symbol, occurredAt)
      return
    case flow.fill.name:
      if (memory.learnFill(payload as Fill) !== null)
        cover.recall((payload as Fill).symbol, (payload as Fill).occurredAt)
      return
    case flow.outcome.name:
      recallOutcome(context, payload as TradeOutcome)
      return
    case flow.act.name:
      memory.learnAct(payload as Act)
      return
    case flow.operatorCommand.name:
      memory.learnOperator(payload as OperatorCommand, occurredAt)
      return
    case flow.incident.name:
      if (envelope.source === 'inspector') recallIncident(context, payload as Incident)
      return
    case flow.riskState.name:
      memory.learnRisk(payload as RiskState)
      return
  }
}

/** Of incidents only those that tell what became of lots are part of what was known. */
function recallIncident(context: Pick<Context, 'memory' | 'accountId'>, incident: Incident): void {
  const { memory } = context
  const { code, observed } = incident.reason
  if (code !== dustCode) {
    recallWriteOff(context, incident)
    return
  }
  const lot = typeof observed === 'string' ? memory.lotOf(observed) : null
  if (lot !== null) memory.closeLot(lot)
}

/** The lot of an outcome is over: what it leaves behind can be forgotten. */
function recallOutcome({ memory }: Pick<Context, 'memory'>, outcome: TradeOutcome): void {
  memory.learnOutcome(outcome)
  const lot = memory.lotOf(outcome.intentId)
  if (lot !== null) memory.closeLot(lot)
}
