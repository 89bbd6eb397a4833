import assert from 'node:assert/strict'
import type { AccountState, Order, Reason, Verdict } from '@barfinex/core'
import { inspect } from '../inspect.js'
import type { Policies } from '../policy.js'
import type { Situation } from '../situation.js'
import { aSituation, intentFor } from './given-situation.js'

/** One expected reason: its code, and as much of the rest as matters. */
export type ExpectedReason = Pick<Reason, 'code'> & Partial<Omit<Reason, 'code'>>

/** What to say about the verdict. Each throws an `AssertionError` that shows the verdict when it is another. */
export interface ThenVerdict {
  readonly verdict: Verdict
  thenApproved(): Verdict
  /** Denied, and for each of these reasons; there may be others. */
  thenDenied(...expected: readonly [ExpectedReason, ...ExpectedReason[]]): Verdict
  /** Denied for exactly these reasons, in this order. */
  thenDeniedOnly(...expected: readonly [ExpectedReason, ...ExpectedReason[]]): Verdict
}

export interface WhenOrdered {
  when(order: Order): ThenVerdict
}

/** The account, and whatever else is not as in a quiet minute. */
export type GivenAccount = (account: AccountState | null, circumstances?: Partial<Situation>) => WhenOrdered

/**
 * Tests policies exactly as Inspector asks them: built-in rules first, then these.
 *
 * @example
 * const given = inspectorSpec(maxOrderNotional('500'))
 * given(anAccount())
 *   .when(anOrder({ quantity: '9', type: 'limit', limitPrice: '110' }))
 *   .thenDenied({ code: 'inspector.policy.max-order-notional', limit: '500', observed: '990' })
 */
export function inspectorSpec(...policies: Policies): GivenAccount {
  return (account, circumstances = {}) => ({
    when(order) {
      const { now } = circumstances
      // An intent is as young as the moment it is judged in.
      const lifetime = now === undefined ? {} : { issuedAt: now, expiresAt: now + 60_000 }
      const intent = circumstances.intent ?? (order.purpose === 'entry' ? intentFor(order, lifetime) : null)
      const situation = aSituation({ account, symbol: order.symbol, ...circumstances, intent })
      const verdict = inspect({ ...situation, purpose: order.purpose, order, refusals: [] }, policies)
      return thenOf(verdict)
    },
  })
}

function thenOf(verdict: Verdict): ThenVerdict {
  const shown = (): string => JSON.stringify({ type: verdict.type, reasons: verdict.reasons }, null, 2)
  return {
    verdict,
    thenApproved() {
      assert.equal(verdict.type, 'approved', `expected an approval, got ${shown()}`)
      return verdict
    },
    thenDenied(...expected) {
      assert.equal(verdict.type, 'denied', `expected a denial, got ${shown()}`)
      for (const wanted of expected) {
        assert.ok(
          verdict.reasons.some((reason) => matches(reason, wanted)),
          `expected the reason ${JSON.stringify(wanted)} among ${shown()}`,
        )
      }
      return verdict
    },
    thenDeniedOnly(...expected) {
      assert.equal(verdict.type, 'denied', `expected a denial, got ${shown()}`)
      const isSame =
        verdict.reasons.length === expected.length &&
        expected.every((wanted, index) => matches(verdict.reasons[index] as Reason, wanted))
      assert.ok(isSame, `expected exactly ${JSON.stringify(expected)}, got ${shown()}`)
      return verdict
    },
  }
}

function matches(reason: Reason, wanted: ExpectedReason): boolean {
  return (
    reason.code === wanted.code &&
    (wanted.limit === undefined || reason.limit === wanted.limit) &&
    (wanted.observed === undefined || reason.observed === wanted.observed) &&
    (wanted.message === undefined || reason.message === wanted.message)
  )
}
