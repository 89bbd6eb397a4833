import { Decimal, type InstrumentRules, isFinal } from '@barfinex/core'
import type { MarketView } from '../situation.js'
import { hasMoved, isGroupDone, openQuantity, restingQuantity, type TrackedOrder } from '../tracked-order.js'
import { closingSide, type ExitReason, type Lot, netQuantity } from './lot.js'

/** A lot with its orders and what is known of its market. */
export interface LotView {
  readonly lot: Lot
  /** All orders of the lot that are kept, oldest first. */
  readonly orders: readonly TrackedOrder[]
  /** `null` while unknown: then nothing can be placed. */
  readonly rules: InstrumentRules | null
  readonly market: MarketView
  /** Orders that the ledger contradicts, by id: whatever they are called, they cover nothing. */
  readonly doubted: ReadonlySet<string>
  /** True when no other lot is open in the symbol: then what only reduces can take nothing from anybody else. */
  readonly isAlone: boolean
  readonly now: number
}

/** One thing to do for a lot. */
export type Step =
  | { readonly type: 'stop' | 'target'; readonly quantity: Decimal; readonly group: string }
  | {
      readonly type: 'exit'
      readonly side: 'buy' | 'sell'
      readonly quantity: Decimal
      /** Takes what the market gives instead of stopping at the collar. */
      readonly isAtMarket: boolean
    }
  | { readonly type: 'cancel'; readonly tracked: TrackedOrder }
  /** Protecting has failed or is too late: sell instead. */
  | { readonly type: 'leave'; readonly because: ExitReason; readonly code: string; readonly message: string }

/** A cancel's seal lives no longer: one that brought no answer until then may be asked for again. */
const cancelPatienceMs = 10_000

/** Orders of a lot that may still be executed. */
export function working(
  { orders }: LotView,
  ...purposes: readonly TrackedOrder['order']['purpose'][]
): readonly TrackedOrder[] {
  return orders.filter(({ order, state }) => !isFinal(state) && purposes.includes(order.purpose))
}

/**
 * Open quantity of the lot once every fill has been told that is known of: an order's end and its last fill travel apart, and what an
 * ended order is said to have closed is closed, whether or not that fill is here. A fill of an entry is waited for: it says
 * what the fee has left. Below zero when more was closed than was open.
 */
export function openOf({ lot, orders }: LotView): Decimal {
  let net = netQuantity(lot)
  for (const tracked of orders) {
    const { order, state } = tracked
    if (order.purpose === 'entry' || !isFinal(state)) continue
    const untold = openQuantity(tracked)
    net = order.side === closingSide(lot) ? net.minus(untold) : net.plus(untold)
  }
  return net
}

/**
 * True for an order whose fate nobody knows, or which has been on its way, or on its way out, for longer than an exchange takes.
 * It may or may not hold what it was for.
 */
export function isUnclear({ state, since, cancelAskedAt }: TrackedOrder, now: number, afterMs: number): boolean {
  if (state === 'uncertain') return true
  if (cancelAskedAt !== null && now >= cancelAskedAt + afterMs) return true
  return (state === 'initialized' || state === 'submitted') && now >= since + afterMs
}

/** When the first of them becomes unclear by waiting; `null` when none can. */
export function unclearAt(orders: readonly TrackedOrder[], now: number, afterMs: number): number | null {
  return earliest(
    ...orders
      .filter((it) => !isUnclear(it, now, afterMs))
      .map(({ state, since, cancelAskedAt }) =>
        cancelAskedAt !== null
          ? cancelAskedAt + afterMs
          : state === 'initialized' || state === 'submitted'
            ? since + afterMs
            : null,
      ),
  )
}

/** What all of them may still execute, in base. */
export function sum(orders: readonly TrackedOrder[]): Decimal {
  return orders.reduce((total, tracked) => total.plus(openQuantity(tracked)), Decimal.zero)
}

/** A group whose other half is gone and which has not spent itself, so that a new order can join it. */
export function joinableGroup(view: LotView, half: 'stop' | 'target'): string | null {
  const other = half === 'stop' ? 'target' : 'stop'
  for (const { order, cancelAskedAt } of working(view, other)) {
    const { ocoGroup } = order
    if (ocoGroup === null || cancelAskedAt !== null) continue
    const members = view.orders.filter((it) => it.order.ocoGroup === ocoGroup)
    const isTaken = members.some((it) => it.order.purpose === half && !isFinal(it.state))
    // Once a member has filled or fired, the exchange takes no new one.
    const isSpent = members.some((it) => hasMoved(it) || isGroupDone(it))
    if (!isTaken && !isSpent) return ocoGroup
  }
  return null
}

/**
 * When a fill must have been heard of that made the exchange take a stop back: it tells of the cancel and of the fill apart, in any
 * order. `null` when there is nothing to wait for.
 */
export function siblingDueAt({ orders }: LotView, patienceMs: number): number | null {
  const silent = orders.filter(
    (it) =>
      it.order.purpose === 'stop' &&
      isGroupDone(it) &&
      !orders.some((other) => other.order.ocoGroup === it.order.ocoGroup && hasMoved(other)),
  )
  return silent.length === 0 ? null : Math.max(...silent.map(({ since }) => since)) + patienceMs
}

export function cancel(tracked: TrackedOrder): Step {
  return { type: 'cancel', tracked }
}

/** Cancels for all that were not asked for yet, or whose cancel brought no answer. */
export function cancels(orders: readonly TrackedOrder[], now: number): Step[] {
  return orders
    .filter(({ cancelAskedAt }) => cancelAskedAt === null || now >= cancelAskedAt + cancelPatienceMs)
    .map(cancel)
}

/** The earlier of two instants, either of which may be missing. */
export function earliest(...instants: readonly (number | null)[]): number | null {
  const known = instants.filter((at) => at !== null)
  return known.length === 0 ? null : Math.min(...known)
}

/** When a cancel without an answer will have to be repeated; `null` when none is open. */
export function cancelDueAt(orders: readonly TrackedOrder[]): number | null {
  const asked = earliest(...orders.map(({ cancelAskedAt }) => cancelAskedAt))
  return asked === null ? null : asked + cancelPatienceMs
}

/**
 * What is too small to stand alone, or one too many, is joined with the newest order: that one is taken back, and placed anew for
 * both once it is gone. `null` while one is going already, or when there is none to join.
 */
export function joinNewest(orders: readonly TrackedOrder[]): Step | null {
  const newest = orders.at(-1)
  if (newest === undefined || orders.some(({ cancelAskedAt }) => cancelAskedAt !== null)) return null
  return restingQuantity(newest).isPositive && !newest.wasTriggered ? cancel(newest) : null
}

/** Cancels the newest orders until at least `excess` is gone. */
export function shrink(staying: readonly TrackedOrder[], excess: Decimal): readonly Step[] {
  const steps: Step[] = []
  let left = excess
  for (const tracked of [...staying].reverse()) {
    if (!left.isPositive) break
    left = left.minus(openQuantity(tracked))
    // What is not acknowledged yet cannot be taken back yet; its acknowledgement asks again.
    if (restingQuantity(tracked).isPositive) steps.push(cancel(tracked))
  }
  return steps
}
