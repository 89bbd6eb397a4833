import { type Decision, flow, type Journal, pastOf } from '@barfinex/core'
import type { BudgetLedger } from './budget.js'

const dayMs = 86_400_000

/** Counts the calls of the last day that the journal's decisions tell of. */
export async function restoreBudget(budget: BudgetLedger, journal: Journal, now: number): Promise<void> {
  for await (const envelope of pastOf(journal)) {
    if (envelope.type !== flow.decision.name || envelope.occurredAt < now - dayMs) continue
    const { symbol, asOf, stages } = envelope.payload as Decision
    const { askedModel, callCount, tokensIn, tokensOut } = stages.find((it) => it.name === 'synthesis')?.measured ?? {}
    if (typeof callCount !== 'number' || typeof tokensIn !== 'number' || typeof tokensOut !== 'number') continue
    if (typeof askedModel !== 'string') continue
    budget.remember(now, asOf, symbol, askedModel, { callCount, tokensIn, tokensOut })
  }
}
