import type { Envelope, ExecutionIntent, Reason } from '@barfinex/core'
import type { Context } from './context.js'
import { inspect } from './inspect.js'
import { size } from './size.js'

/** How many intents were judged, and how. */
export interface GateCounts {
  readonly approved: number
  readonly denied: number
}

export interface Gate {
  /** Sizes and inspects an intent; a yes reserves its headroom before anything else can happen, and sends the order. */
  judge(envelope: Envelope<ExecutionIntent>): boolean
  readonly counts: GateCounts
}

/** The door through which intents become orders, or do not. */
export function createGate(context: Context): Gate {
  const { memory, outbox, settings, sizing, runtime } = context
  const counts = { approved: 0, denied: 0 }

  /** What stands in the way before an order is even looked at. */
  function obstacles(): readonly Reason[] {
    if (runtime.journal.fault === null) return []
    const message = 'The journal could not be written: what is not on record is not traded.'
    return [{ code: 'inspector.rule.journal-failed', message, limit: true, observed: false }]
  }

  return {
    counts,
    judge(envelope) {
      const intent = envelope.payload
      // Delivered again after a restart, or published twice: it has had its verdict.
      if (memory.wasJudged(intent.intentId)) return false
      memory.learnIntent(intent)
      const situation = context.situationOf(intent.symbol, intent)
      const sized = size(situation, sizing, settings.policies)
      const order = sized.type === 'order' ? sized.order : null
      const refusals = [...obstacles(), ...(sized.type === 'order' ? [] : sized.reasons)]
      const verdict = inspect({ ...situation, purpose: 'entry', order, refusals }, settings.policies)
      const said = outbox.verdict(verdict, envelope)
      memory.learnVerdict(verdict, said)
      counts[verdict.type] += 1
      if (verdict.type === 'approved' && order !== null) context.submit(order, said)
      return verdict.type === 'approved'
    },
  }
}
