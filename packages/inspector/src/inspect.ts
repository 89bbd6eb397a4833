import {
  Decimal,
  decimal,
  derivedId,
  freezeDeep,
  type Order,
  type OrderPurpose,
  type Reason,
  type Verdict,
} from '@barfinex/core'
import { touchPrice } from './market-view.js'
import type { Failure, Policies, Policy } from './policy.js'
import { entryRules, protectiveRules } from './rules/entry-rules.js'
import { exposureOf, type Rule } from './rules/rule.js'
import type { Proposal, Situation } from './situation.js'

/** What is to be judged, and in which situation. */
export interface Question extends Situation {
  readonly purpose: OrderPurpose
  /** The exact order; `null` when none could be sized, which is a denial. */
  readonly order: Order | null
  /** Why {@link size} could not make an order; they are part of the denial. */
  readonly refusals: readonly Reason[]
}

const failedClosed = 'inspector.policy.failed-closed'

/**
 * Judges one order against every rule and policy and returns the verdict.
 *
 * Total and synchronous: it never throws and never waits, so it can be replayed. Everything is asked, and a denial lists
 * every reason, because whoever fixes one limit should not discover the next one by trading. What throws, answers nonsense
 * or lacks an input counts as a denial, `inspector.policy.failed-closed`.
 *
 * Entries are asked the built-in rules and, when they add risk by the computed position, all policies. Stops, targets and exits
 * are asked only that they shrink what is open and obey the exchange's rules: no limit may stand between a position and its way out.
 *
 * @example
 * const verdict = inspect({ ...situation, purpose: 'entry', order, refusals: [] }, [maxOrderNotional('500')])
 * verdict.type // => 'denied'
 */
export function inspect(question: Question, policies: Policies): Verdict {
  const { order, purpose, accountId, intent, symbol, now } = question
  // A policy is somebody's code: what the next one judges, and what is sealed, is what this one saw.
  freezeDeep(order)
  const isEntry = purpose === 'entry'
  const rules = isEntry ? entryRules : protectiveRules
  const proposal = order === null ? null : propose(question, order)
  const reasons: Reason[] = [...question.refusals]
  const asked: string[] = []
  for (const rule of rules) {
    asked.push(rule.code)
    askRule(rule, question, proposal, reasons)
  }
  if (isEntry && proposal?.effect !== 'reduces') {
    for (const policy of policies) {
      asked.push(policy.code)
      askPolicy(policy, question, proposal, reasons)
    }
  }
  if (order === null && reasons.length === 0) reasons.push(undecided('inspector.size', 'there is no order'))
  const approved = reasons.length === 0
  const intentId = intent?.intentId ?? order?.intentId ?? symbol
  return {
    verdictId: `verdict.${order?.clientOrderId ?? derivedId(intentId, purpose, 'unsized')}`,
    type: approved ? 'approved' : 'denied',
    account: accountId,
    intentId,
    symbol,
    purpose,
    order,
    reasons,
    policies: asked,
    reservedNotional: approved && isEntry && proposal !== null ? proposal.notional.toString() : '0',
    decidedAt: now,
  }
}

/** Adds to the situation what follows from the order; `null` when it cannot be valued. */
function propose(question: Question, order: Order): Proposal | null {
  try {
    const quantity = decimal(order.quantity)
    const price = valuePrice(question, order)
    if (price === null || !quantity.isPositive) return null
    const { signedQuantity } = exposureOf(question)
    const isAgainst = !signedQuantity.isZero && signedQuantity.isPositive === (order.side === 'sell')
    const reduces = isAgainst && !quantity.greaterThan(signedQuantity.abs())
    // Written out: copying a record this wide costs more than all the policies together.
    return {
      now: question.now,
      accountId: question.accountId,
      account: question.account,
      symbol: question.symbol,
      rules: question.rules,
      intent: question.intent,
      market: question.market,
      trading: question.trading,
      risk: question.risk,
      exposure: question.exposure,
      recent: question.recent,
      maxOrderCount: question.maxOrderCount,
      leverage: question.leverage,
      order,
      quantity,
      price,
      notional: price.times(quantity),
      effect: reduces ? 'reduces' : 'opens',
    }
  } catch {
    return null
  }
}

/** A limit counts at its limit; anything else at the worse of the touch, its trigger and the price the intent was made at. */
function valuePrice({ market, intent, purpose }: Question, order: Order): Decimal | null {
  if (order.limitPrice !== null) return usable(decimal(order.limitPrice))
  if (order.triggerPrice !== null) return usable(decimal(order.triggerPrice))
  const touch = touchPrice(market, order.side)
  const seen = touch === null ? null : Decimal.fromNumber(touch)
  // The way out is never barred by a market nobody has seen: it is valued where the stop was to be.
  if (purpose !== 'entry') return usable(seen ?? (intent === null ? null : decimal(intent.stopPrice)))
  const meant = intent === null ? null : decimal(intent.referencePrice)
  if (seen === null || meant === null) return usable(seen ?? meant)
  return usable(seen.max(meant))
}

function usable(price: Decimal | null): Decimal | null {
  return price?.isPositive ? price : null
}

function askRule(rule: Rule, question: Question, proposal: Proposal | null, reasons: Reason[]): void {
  if (rule.judges === 'order' && question.order === null) return
  try {
    if (rule.judges === 'situation') reasons.push(...rule.check(question))
    else if (proposal === null) reasons.push(undecided(rule.code, 'the order cannot be valued'))
    else reasons.push(...rule.check(proposal))
  } catch (error) {
    reasons.push(undecided(rule.code, messageOf(error)))
  }
}

function askPolicy(policy: Policy, question: Question, proposal: Proposal | null, reasons: Reason[]): void {
  if (policy.judges === 'order' && question.order === null) return
  try {
    if (policy.judges === 'order' && proposal === null) {
      reasons.push(undecided(policy.code, 'the order cannot be valued'))
      return
    }
    const failure = policy.judges === 'situation' ? policy.check(question) : policy.check(proposal as Proposal)
    if (failure === null) return
    reasons.push(isFailure(failure) ? reasonOf(policy.code, failure) : undecided(policy.code, 'it gave no answer'))
  } catch (error) {
    reasons.push(undecided(policy.code, messageOf(error)))
  }
}

function reasonOf(code: string, { limit, observed, message }: Failure): Reason {
  return { code, message: message.slice(0, 500), limit, observed }
}

/** Plain JavaScript may answer anything; only a whole failure with finite numbers is one. */
function isFailure(value: unknown): value is Failure {
  if (typeof value !== 'object' || value === null) return false
  const { limit, observed, message } = value as Failure
  return typeof message === 'string' && isLimitValue(limit) && isLimitValue(observed)
}

function isLimitValue(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return value === null || typeof value === 'string' || typeof value === 'boolean'
}

function undecided(code: string, why: string): Reason {
  const message = `${code} could not be decided, and counts as failed: ${why}`
  return { code: failedClosed, message: message.slice(0, 500), limit: code, observed: null }
}

/** Whatever was thrown: a policy may throw anything, and asking it for its message must not throw again. */
function messageOf(error: unknown): string {
  try {
    const message = error instanceof Error ? error.message : null
    return typeof message === 'string' ? message : 'it threw something that is no error'
  } catch {
    return 'it threw something that cannot be read'
  }
}
