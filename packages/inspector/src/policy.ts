import { BarfinexError, type Decimal, type Reason, schemas } from '@barfinex/core'
import type { Proposal, RecentEntry, RiskView, Situation } from './situation.js'

/** A limit or a measurement as it appears in a reason. Amounts are decimal text. */
export type LimitValue = NonNullable<Reason['limit']> | null

/** Why a policy says no: the limit, what was measured against it, and one sentence with both numbers in it. */
export interface Failure {
  readonly limit: LimitValue
  readonly observed: LimitValue
  readonly message: string
}

/** Something wider than one order that a policy asks for. */
export interface Alarm extends Failure {
  /** `throttle`: fewer signals. `standDown`: no new risk. `closeAll`: no new risk, and leave every position. */
  readonly type: 'throttle' | 'standDown' | 'closeAll'
  /** Ends by itself then; `null` until a named operator resumes. */
  readonly until: number | null
}

/** What is known between intents, whenever equity, losses or the pace change. */
export interface Watched {
  readonly now: number
  readonly risk: RiskView
  readonly recent: readonly RecentEntry[]
}

interface PolicyBase {
  /** Stable dotted kebab code of the denial: `inspector.policy.daily-loss`. */
  readonly code: string
  /** Asked whenever equity, losses or the pace change; an alarm is raised once until it ends. */
  readonly watch?: (watched: Watched) => Alarm | null
}

/** Judges the moment, whatever the order. */
export interface SituationPolicy extends PolicyBase {
  readonly judges: 'situation'
  readonly check: (situation: Situation) => Failure | null
}

/** Judges one exact order in its situation. */
export interface OrderPolicy extends PolicyBase {
  readonly judges: 'order'
  readonly check: (proposal: Proposal) => Failure | null
  /**
   * Most notional it would let pass now, in quote, so that sizing can fit in; zero or less is no room. Sizing never trusts it:
   * {@link OrderPolicy.check} decides.
   */
  readonly room?: (situation: Situation) => Decimal | null
}

/** One rule about new risk. Only orders that open or add are asked; leaving is never forbidden by a policy. */
export type Policy = SituationPolicy | OrderPolicy

/** At least one: an Inspector without policies does not compile. */
export type Policies = readonly [Policy, ...Policy[]]

/**
 * Describes a policy of your own.
 *
 * `check` returns `null` to let the order pass, or the failure. It must be synchronous and depend on nothing but its argument,
 * or a replay would judge otherwise. Whatever else it returns, throws or cannot know counts as a denial,
 * `inspector.policy.failed-closed`.
 *
 * Throws `options.invalid` when the code is not dotted kebab.
 *
 * @example
 * const noShorts = definePolicy({
 *   code: 'my-desk.no-shorts',
 *   judges: 'order',
 *   check: ({ order }) =>
 *     order.side === 'sell' ? { limit: 'buy', observed: order.side, message: 'This desk only buys.' } : null,
 * })
 * noShorts.code // => 'my-desk.no-shorts'
 */
export function definePolicy<Kind extends Policy>(policy: Kind): Kind {
  if (!isPolicy(policy)) {
    throw new BarfinexError(
      'options.invalid',
      'A policy needs a dotted kebab `code` such as "my-desk.no-shorts", `judges` ("order" or "situation") and a `check`.',
      { details: { code: (policy as { code?: unknown } | null)?.code } },
    )
  }
  return Object.freeze(policy)
}

/** True for what {@link definePolicy} would take. */
export function isPolicy(value: unknown): value is Policy {
  if (typeof value !== 'object' || value === null) return false
  const { code, judges, check } = value as Partial<Policy>
  return (
    schemas.code.safeParse(code).success &&
    (judges === 'order' || judges === 'situation') &&
    typeof check === 'function'
  )
}
