import {
  type Act,
  type Cause,
  Decimal,
  decimal,
  type ExecutionIntent,
  type Fill,
  isFinal,
  type OperatorCommand,
  type OrderCommand,
  type OrderEvent,
  type RiskState,
  type TradeOutcome,
  type Verdict,
} from '@barfinex/core'
import { createBoundedSet } from './bounded-set.js'
import { createDust, type Dust } from './protect/dust.js'
import { closingSide, type Lot, netQuantity, openLot, withLotFill, withLotOrder } from './protect/lot.js'
import { netLots } from './protect/net-lots.js'
import { createRiskBook, type RiskBook } from './risk-book.js'
import type { RecentEntry } from './situation.js'
import {
  isLive,
  type TrackedOrder,
  trackOrder,
  withCommand,
  withEvent,
  withExpiredSeal,
  withFill,
} from './tracked-order.js'
import { freeTrading, type TradingControl, withAct, withOperator } from './trading-state.js'

/** What became of an operator's command. */
export type Obedience = 'obeyed' | 'duplicate' | 'expired' | 'unnamed'

/** Who cannot answer for a resume. */
const nobody: ReadonlySet<string> = new Set(['anonymous', 'nobody', 'policy', 'restart', 'system', 'unknown'])

/** Longest stretch any policy looks back, in milliseconds. */
const longestWindowMs = 86_400_000
const rememberedCount = 20_000
const unfilledCount = 1_000

/**
 * Everything Inspector knows from facts, folded the same way whether they happen now or are read from the journal after a
 * restart. Market data and the account are not in here: they arrive anew.
 */
export interface Memory {
  readonly orders: ReadonlyMap<string, TrackedOrder>
  /** Open lots by intent, oldest first. */
  readonly lots: ReadonlyMap<string, Lot>
  readonly risk: RiskBook
  readonly dust: Dust
  readonly control: TradingControl
  readonly recent: readonly RecentEntry[]
  /** Acts that ask for fewer signals and have not ended, by the code of the policy. */
  readonly throttles: ReadonlyMap<string, number>
  /** True when the intent was judged already. */
  wasJudged(intentId: string): boolean
  /** Lot of an order, or of an intent. */
  lotOf(orderOrIntentId: string): Lot | null
  ordersOf(lot: Lot): readonly TrackedOrder[]
  learnIntent(intent: ExecutionIntent): void
  learnVerdict(verdict: Verdict, cause: Cause): void
  learnCommand(command: OrderCommand, at: number): void
  /** The order before and after; `null` for orders that are not ours. */
  learnOrderEvent(event: OrderEvent, at: number): { readonly before: TrackedOrder; readonly after: TrackedOrder } | null
  /** The lots it belongs to; `null` when it was counted already. A fill of a stranger's order that closes is ours to book. */
  learnFill(fill: Fill): readonly Lot[] | null
  /** So much of what the lot's closing orders are said to have filled, and whose fills have not come, counts as told. */
  settleUntold(lot: Lot, quantity: Decimal): void
  /** True once this fill was learned. */
  knowsFill(fillId: string): boolean
  learnOutcome(outcome: TradeOutcome): void
  learnAct(act: Act): void
  /** Obeys a command at most once, and only while it is good; lifting anything takes a name. */
  learnOperator(command: OperatorCommand, at: number): Obedience
  learnRisk(state: RiskState): void
  updateLot(lot: Lot): void
  /** Concludes that an order was never taken: its seal has run out without any answer. `null` when there was one. */
  expireSeal(clientOrderId: string, at: number): TrackedOrder | null
  /** Concludes that an order rests no more although nobody has said so: the ledger, which is the truth, does not know it. */
  concludeGone(clientOrderId: string, at: number): void
  /** Forgets a lot that is over, with its orders. */
  closeLot(lot: Lot): void
  /** Ends the reading of a journal: what went wrong before the restart is not counted again. */
  settleRecall(maxHoldingMs: number | null, at: number): void
}

export function createMemory(startedAt: number): Memory {
  const intents = new Map<string, ExecutionIntent>()
  const orders = new Map<string, TrackedOrder>()
  const lots = new Map<string, Lot>()
  const ordersByLot = new Map<string, string[]>()
  const judged = createBoundedSet(rememberedCount)
  const fills = createBoundedSet(rememberedCount)
  const commands = createBoundedSet(rememberedCount)
  const outcomes = createBoundedSet(rememberedCount)
  const throttles = new Map<string, number>()
  /** Entries that ended without a fill, by order: should one come after all, their lot comes back to protect it. */
  const unfilled = new Map<string, { readonly lot: Lot; readonly tracked: TrackedOrder }>()
  /** By order, what was written off as filled without its fill. */
  const settled = new Map<string, Decimal>()
  const risk = createRiskBook()
  const dust = createDust()
  let control = freeTrading(startedAt)
  let recent: RecentEntry[] = []

  function lotOf(id: string): Lot | null {
    return lots.get(id) ?? lots.get(orders.get(id)?.order.intentId ?? '') ?? null
  }

  function remember(tracked: TrackedOrder): void {
    const { clientOrderId, intentId } = tracked.order
    if (!orders.has(clientOrderId)) ordersByLot.set(intentId, [...(ordersByLot.get(intentId) ?? []), clientOrderId])
    orders.set(clientOrderId, tracked)
  }

  /** Any answer revives an entry that had none; of one that was called final before, only a fill is news. */
  function revive(clientOrderId: string, isFilled: boolean): void {
    const given = unfilled.get(clientOrderId)
    if (given === undefined || (!isFilled && given.tracked.sequence >= 0)) return
    unfilled.delete(clientOrderId)
    lots.set(given.lot.intent.intentId, given.lot)
    remember(given.tracked)
  }

  function approveEntry(verdict: Verdict, intent: ExecutionIntent, cause: Cause): void {
    if (verdict.order === null) return
    lots.set(intent.intentId, openLot(intent, verdict.order.clientOrderId, cause))
    recent = recent.filter(({ approvedAt }) => approvedAt > verdict.decidedAt - longestWindowMs)
    recent.push({
      intentId: intent.intentId,
      decisionId: intent.decisionId,
      strategyId: intent.strategyId,
      symbol: intent.symbol,
      direction: intent.direction,
      referencePrice: Number(intent.referencePrice),
      approvedAt: verdict.decidedAt,
      filledAt: null,
    })
  }

  function markFilled({ intentId, occurredAt }: Fill): void {
    recent = recent.map((it) =>
      it.intentId === intentId && it.filledAt === null ? { ...it, filledAt: occurredAt } : it,
    )
  }

  /** Someone else closed part of a position of ours: the oldest lots first. */
  function bookStranger(fill: Fill): readonly Lot[] {
    const touched: Lot[] = []
    let left = decimal(fill.quantity)
    const whole = left
    for (const lot of lots.values()) {
      const open = netQuantity(lot)
      if (lot.intent.symbol !== fill.symbol || fill.side !== closingSide(lot) || !open.isPositive) continue
      const part = left.min(open)
      if (!part.isPositive) break
      left = left.minus(part)
      const share = part.equals(whole)
        ? fill.fee
        : decimal(fill.fee).times(part).dividedBy(whole, 12, 'halfEven').toString()
      const booked: Fill = { ...fill, purpose: 'exit', quantity: part.toString(), fee: share }
      const after = withLotFill(lot, booked)
      lots.set(lot.intent.intentId, after)
      touched.push(after)
    }
    return touched
  }

  return {
    orders,
    lots,
    risk,
    dust,
    throttles,
    get control() {
      return control
    },
    get recent() {
      return recent
    },
    wasJudged: (intentId) => judged.has(intentId),
    lotOf,
    ordersOf: (lot) => (ordersByLot.get(lot.intent.intentId) ?? []).map((id) => orders.get(id) as TrackedOrder),
    learnIntent(intent) {
      intents.set(intent.intentId, intent)
    },
    learnVerdict(verdict, cause) {
      const { order, purpose, intentId } = verdict
      const intent = intents.get(intentId)
      if (purpose === 'entry') {
        intents.delete(intentId)
        if (!judged.add(intentId)) return
      }
      if (verdict.type === 'approved' && order !== null && !orders.has(order.clientOrderId)) {
        if (purpose === 'entry' && intent !== undefined) approveEntry(verdict, intent, cause)
        const price = decimal(verdict.reservedNotional).dividedBy(decimal(order.quantity), 16, 'up')
        remember(trackOrder(order, price, verdict.decidedAt))
      }
      const lot = order === null ? null : lotOf(intentId)
      if (lot !== null && order !== null && purpose !== 'entry') {
        lots.set(intentId, withLotOrder(lot, order, verdict.decidedAt))
      }
    },
    learnCommand(command, at) {
      const id = command.type === 'submit' ? command.order.clientOrderId : command.clientOrderId
      const tracked = orders.get(id)
      if (tracked !== undefined) orders.set(id, withCommand(tracked, command, at))
    },
    learnOrderEvent(event, at) {
      revive(event.clientOrderId, decimal(event.filledQuantity).isPositive)
      const before = orders.get(event.clientOrderId)
      if (before === undefined) return null
      const after = withEvent(before, event, at)
      if (isLive(after) || lotOf(event.clientOrderId) !== null) orders.set(event.clientOrderId, after)
      else orders.delete(event.clientOrderId)
      return { before, after }
    },
    learnFill(fill) {
      if (!fills.add(fill.fillId)) return null
      const late = settled.get(fill.clientOrderId)
      if (late !== undefined && !decimal(fill.quantity).greaterThan(late)) {
        settled.set(fill.clientOrderId, late.minus(decimal(fill.quantity)))
        return []
      }
      revive(fill.clientOrderId, true)
      const tracked = orders.get(fill.clientOrderId)
      if (tracked === undefined) return bookStranger(fill)
      orders.set(fill.clientOrderId, withFill(tracked, fill))
      if (tracked.order.purpose === 'entry' && tracked.filled.isZero) markFilled(fill)
      const lot = lotOf(fill.clientOrderId)
      if (lot === null) return []
      const { intentId, symbol } = lot.intent
      const carried = fill.purpose === 'entry' && lot.entered.quantity.isZero ? dust.take(symbol) : null
      lots.set(intentId, withLotFill(carried === null ? lot : { ...lot, carried }, fill))
      const netted = netLots(lots.values(), fill)
      for (const changed of netted) lots.set(changed.intent.intentId, changed)
      return [lots.get(intentId) as Lot, ...netted.filter((changed) => changed.intent.intentId !== intentId)]
    },
    settleUntold(lot, quantity) {
      let left = quantity
      for (const id of ordersByLot.get(lot.intent.intentId) ?? []) {
        const tracked = orders.get(id)
        if (tracked === undefined || tracked.order.side !== closingSide(lot)) continue
        const part = tracked.reported.minus(tracked.filled).min(left)
        if (!part.isPositive) continue
        left = left.minus(part)
        orders.set(id, { ...tracked, filled: tracked.filled.plus(part) })
        settled.set(id, (settled.get(id) ?? Decimal.zero).plus(part))
      }
    },
    knowsFill: (fillId) => fills.has(fillId),
    learnOutcome(outcome) {
      if (outcomes.add(outcome.outcomeId)) risk.learnOutcome(outcome)
    },
    learnAct(act) {
      control = withAct(control, act)
      if (act.type === 'throttle' && act.until !== null) throttles.set(act.reason.code, act.until)
      if (act.type !== 'closeAll') return
      for (const lot of [...lots.values()]) leave(lot)
    },
    learnOperator(command, at) {
      if (!commands.add(command.commandId)) return 'duplicate'
      if (at >= command.expiresAt) return 'expired'
      if (command.type === 'resume' && nobody.has(command.by.toLowerCase())) return 'unnamed'
      if (command.type === 'resume') risk.forgive(at)
      control = withOperator(control, command, at)
      const closes = command.type === 'closeAll' || command.type === 'closePosition'
      for (const lot of closes ? [...lots.values()] : []) {
        if (command.type === 'closeAll' || command.symbol === lot.intent.symbol) leave(lot)
      }
      return 'obeyed'
    },
    learnRisk(state) {
      risk.learnState(state)
      dust.learnState(state)
    },
    updateLot: (lot) => void lots.set(lot.intent.intentId, lot),
    expireSeal(clientOrderId, at) {
      const tracked = orders.get(clientOrderId)
      if (tracked === undefined || tracked.sequence >= 0) return null
      const after = withExpiredSeal(tracked, at)
      orders.set(clientOrderId, after)
      return after
    },
    concludeGone(clientOrderId, at) {
      const tracked = orders.get(clientOrderId)
      if (tracked !== undefined) orders.set(clientOrderId, { ...tracked, state: 'canceled', since: at })
    },
    closeLot(lot) {
      const { intentId } = lot.intent
      dust.leave(lot)
      const entry = orders.get(lot.entryOrderId)
      if (entry?.filled.isZero) {
        const tracked: TrackedOrder = entry.sequence < 0 ? { ...entry, state: 'initialized' } : entry
        unfilled.set(lot.entryOrderId, { lot, tracked })
        if (unfilled.size > unfilledCount) unfilled.delete(unfilled.keys().next().value as string)
      }
      for (const id of ordersByLot.get(intentId) ?? []) orders.delete(id)
      ordersByLot.delete(intentId)
      lots.delete(intentId)
    },
    settleRecall(maxHoldingMs, at) {
      // A command is on record before anybody hears it: what was only approved has never been sent, and never will be.
      for (const [id, tracked] of orders) {
        const wasCommanded = tracked.sealedUntil !== null || tracked.sequence >= 0
        if (!wasCommanded && tracked.state === 'initialized') orders.set(id, withExpiredSeal(tracked, at))
      }
      for (const lot of [...lots.values()]) {
        const ids = ordersByLot.get(lot.intent.intentId) ?? []
        const ended = ids.filter((id) => isFinal(orders.get(id)?.state ?? 'initialized'))
        const limitAt =
          maxHoldingMs === null || lot.openedAt === null ? Number.POSITIVE_INFINITY : lot.openedAt + maxHoldingMs
        // The journal says that an exit was tried, not why; one that was tried after the time limit was tried because of it.
        const isTimeLimit = lot.leaving === 'emergencyExit' && lot.exitTriedAt !== null && lot.exitTriedAt >= limitAt
        lots.set(lot.intent.intentId, { ...lot, missedStops: ended, leaving: isTimeLimit ? 'timeLimit' : lot.leaving })
      }
    },
  }

  /** A lot that holds nothing and waits for its entry is left as well: its entry is taken back. */
  function leave(lot: Lot): void {
    if (lot.leaving === null) lots.set(lot.intent.intentId, { ...lot, leaving: 'forceExit' })
  }
}

/** True once nothing of the lot's orders can happen any more. */
export function isOver(orders: readonly TrackedOrder[]): boolean {
  return orders.every((tracked) => !isLive(tracked) && isFinal(tracked.state))
}

/** Quantity of a lot that is to be protected, never below zero. */
export function heldQuantity(lot: Lot): Decimal {
  return netQuantity(lot).max(Decimal.zero)
}
