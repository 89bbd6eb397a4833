import { type AccountState, type CancelTask, isFinal, type Order } from '@barfinex/core'
import type { Context } from '../context.js'
import { inspect } from '../inspect.js'
import { touchPrice } from '../market-view.js'
import { heldQuantity, isOver } from '../memory.js'
import { outcomeOf } from '../outcome-of.js'
import type { MarketView } from '../situation.js'
import type { TrackedOrder } from '../tracked-order.js'
import { type CoverWatch, createCoverWatch } from './cover-watch.js'
import { createDoubt } from './doubt.js'
import { dustCode } from './dust.js'
import { closingSide, type Lot, netQuantity } from './lot.js'
import { earliest, type LotView, type Step } from './lot-view.js'
import { movedStop } from './moved-stop.js'
import { vainExits } from './plan-leaving.js'
import { planProtection, reachedTarget } from './plan-protection.js'
import { protectiveOrder } from './protective-order.js'
import { isSellable } from './sellable.js'
import { correctionOf } from './stop-correction.js'
import { afterOrderEvent, afterRefusal, lostStop } from './stop-troubles.js'

/** Keeps every open lot protected, moves its stop, leaves it when that fails, and tells how it ended. */
export interface Protector {
  readonly cover: CoverWatch
  /** Looks at a lot at the end of the present instant, once for everything that happens to it until then. */
  touch(lot: Lot): void
  /** Looks at a lot now. */
  settle(intentId: string): void
  /** Looks at every lot now: what a restart does first. */
  settleAll(): void
  learnOrderEvent(before: TrackedOrder, after: TrackedOrder): void
  /** Holds every stop against what the ledger says rests at the exchange. */
  learnAccount(account: AccountState): void
  /** Lets stops follow a new price. */
  learnPrice(symbol: string, market: MarketView): void
  stop(): void
}

/** Steps of one look at a lot: more would mean that it goes round in circles. */
const mostRounds = 12

export function createProtector(context: Context, onClosed: () => void): Protector {
  const { memory, markets, outbox, runtime, protection: plan, settings } = context
  const { clock } = runtime
  const dirty = new Set<string>()
  const timers = new Map<string, CancelTask>()
  /** Why the newest order of a lot and purpose was denied: a person is told when that changes, not at every attempt. */
  const denials = new Map<string, string>()
  let cancelSweep: CancelTask | null = null

  function viewOf(lot: Lot): LotView {
    const { symbol } = lot.intent
    return {
      lot,
      orders: memory.ordersOf(lot),
      rules: markets.rulesOf(symbol),
      market: markets.marketOf(symbol),
      doubted: doubt.orders,
      isAlone: [...memory.lots.values()].every((it) => it === lot || it.intent.symbol !== symbol),
      now: clock.now(),
    }
  }

  const cover = createCoverWatch(context, viewOf, (lot, code, message) => leaveLot(lot, 'emergencyExit', code, message))

  const doubt = createDoubt(context, (tracked, isGone) => {
    const { clientOrderId, symbol } = tracked.order
    const lot = memory.lotOf(clientOrderId)
    // Should it rest all the same, it goes; what it was to cover counts as naked from now on, until a new stop rests.
    if (tracked.cancelAskedAt === null) context.cancel(tracked, lot?.cause)
    if (isGone) memory.concludeGone(clientOrderId, clock.now())
    cover.update(symbol, clock.now())
    if (lot !== null) touch(lot)
  })

  function touch(lot: Lot): void {
    dirty.add(lot.intent.intentId)
    cancelSweep ??= clock.schedule(clock.now(), sweep)
  }

  function sweep(): void {
    cancelSweep = null
    const due = [...dirty]
    dirty.clear()
    for (const intentId of due) settle(intentId)
  }

  function settle(intentId: string): void {
    let askAgainAt: number | null = null
    for (let round = 0; round < mostRounds; round += 1) {
      const lot = memory.lots.get(intentId)
      if (lot === undefined || context.isRetired) return
      noticeLosses(lot)
      const { steps, askAgainAt: at } = planProtection(viewOf(memory.lots.get(intentId) ?? lot), plan)
      askAgainAt = at
      if (steps.length === 0) break
      for (const step of steps) take(intentId, step)
    }
    const lot = memory.lots.get(intentId)
    if (lot === undefined || context.isRetired) return
    wake(intentId, earliest(askAgainAt, sealDueAt(lot)))
    finish(lot)
    cover.update(lot.intent.symbol, clock.now())
  }

  function wake(intentId: string, at: number | null): void {
    timers.get(intentId)?.()
    timers.delete(intentId)
    if (at === null) return
    const task = clock.schedule(Math.max(at, clock.now() + 1), () => {
      timers.delete(intentId)
      forgetUnanswered(intentId)
      settle(intentId)
    })
    timers.set(intentId, task)
  }

  /** When the seal of an order nobody has answered for runs out. */
  function sealDueAt(lot: Lot): number | null {
    const silent = memory.ordersOf(lot).filter(({ sequence, state }) => sequence < 0 && state === 'initialized')
    return earliest(...silent.map(({ sealedUntil, since }) => (sealedUntil ?? since + settings.approvalMs) + 1_000))
  }

  /** An order without any answer whose seal is void was never taken, and can never be: its headroom is free again. */
  function forgetUnanswered(intentId: string): void {
    const lot = memory.lots.get(intentId)
    const due = lot === undefined ? null : sealDueAt(lot)
    if (lot === undefined || due === null || due > clock.now()) return
    for (const tracked of memory.ordersOf(lot)) {
      const isSilent = tracked.sequence < 0 && tracked.state === 'initialized'
      if (!isSilent || (tracked.sealedUntil ?? tracked.since + settings.approvalMs) + 1_000 > clock.now()) continue
      const after = memory.expireSeal(tracked.order.clientOrderId, clock.now())
      const message = `Order ${tracked.order.clientOrderId} (${tracked.order.purpose}) got no answer while its seal was good.`
      const reason = { code: 'inspector.order.unanswered', message }
      outbox.incident('critical', reason, tracked.order.symbol, lot.cause, tracked.order.clientOrderId)
      if (after !== null) {
        memory.updateLot(afterRefusal(memory.lots.get(intentId) ?? lot, after.order.purpose, clock.now()))
      }
    }
  }

  function take(intentId: string, step: Step): void {
    const lot = memory.lots.get(intentId)
    if (lot === undefined || context.isRetired) return
    if (step.type === 'cancel') context.cancel(step.tracked, lot.cause)
    else if (step.type === 'leave') leaveLot(lot, step.because, step.code, step.message)
    else place(lot, step)
  }

  function leaveLot(lot: Lot, because: NonNullable<Lot['leaving']>, code: string, message: string): void {
    if (lot.leaving !== null) return
    memory.updateLot({ ...lot, leaving: because })
    // Entries of other lots would be what the exit meets first, and no exchange lets an account trade with itself.
    for (const tracked of [...memory.orders.values()]) {
      const { order, state, cancelAskedAt } = tracked
      const isInTheWay = order.purpose === 'entry' && order.symbol === lot.intent.symbol
      if (isInTheWay && !isFinal(state) && cancelAskedAt === null) context.cancel(tracked, lot.cause)
    }
    // The market outran the stop and the exit deals with it; anything else that ends protection needs a person.
    const isMarket = code === 'inspector.protection.would-trigger'
    const severity = because !== 'emergencyExit' ? 'info' : isMarket ? 'warning' : 'critical'
    outbox.incident(severity, { code, message }, lot.intent.symbol, lot.cause, lot.intent.intentId)
    touch(lot)
  }

  function place(lot: Lot, step: Extract<Step, { type: 'stop' | 'target' | 'exit' }>): void {
    const { symbol, intentId } = lot.intent
    const rules = markets.rulesOf(symbol)
    if (rules === null) return
    const order = protectiveOrder(lot, step, rules, markets.marketOf(symbol), plan.collar)
    const situation = context.situationOf(symbol, lot.intent)
    const question = { ...situation, purpose: step.type, order, refusals: [] }
    const verdict = inspect(question, settings.policies)
    const said = outbox.verdict(verdict, lot.cause)
    memory.learnVerdict(verdict, said)
    const denial = `${intentId}/${step.type}`
    if (verdict.type === 'approved') {
      denials.delete(denial)
      context.submit(order, said)
      if (step.type === 'exit') noticeManyExits(lot, step.isAtMarket, order)
      return
    }
    const [first] = verdict.reasons
    const message = `A ${step.type} was denied by our own rules: ${first?.message ?? 'no reason'}`.slice(0, 500)
    const why = verdict.reasons.map(({ code }) => code).join()
    if (denials.get(denial) !== why) {
      const reason = { code: 'inspector.protection.denied', message }
      outbox.incident('critical', reason, symbol, lot.cause, order.clientOrderId)
    }
    denials.set(denial, why)
    memory.updateLot(afterRefusal(memory.lots.get(intentId) ?? lot, step.type, clock.now()))
  }

  /** On spot a target of another lot may hold what this one has to sell: a chance makes way for a protection. */
  function makeTargetsWay({ intent }: Lot): void {
    for (const other of [...memory.lots.values()]) {
      if (other.intent.symbol !== intent.symbol || other.intent.intentId === intent.intentId) continue
      const holds = memory.ordersOf(other).some(({ order, state }) => order.purpose === 'target' && !isFinal(state))
      if (!holds || other.withoutTarget) continue
      memory.updateLot({ ...other, withoutTarget: true })
      touch(other)
    }
  }

  /** Told once for each row of exits that brings nothing: when the last try inside the collar is made, and when the market is taken. */
  function noticeManyExits(lot: Lot, isAtMarket: boolean, { clientOrderId }: Order): void {
    const { symbol } = lot.intent
    const now = memory.lots.get(lot.intent.intentId) ?? lot
    // The one that was just made is among them.
    const vain = vainExits({ lot: now, orders: memory.ordersOf(now) }) - 1
    const held = `${heldQuantity(lot)} ${symbol}`
    if (vain === plan.exitTries - 1) {
      const message = `${vain} exits in a row have sold nothing of ${held} within the collar.`
      outbox.incident('critical', { code: 'inspector.protection.exit-slow', message }, symbol, lot.cause)
    } else if (vain === plan.exitTries && isAtMarket) {
      const message = `${vain} exits in a row have sold nothing of ${held}: it is sold at the market, at any price.`
      const reason = { code: 'inspector.protection.exit-at-market', message }
      outbox.incident('critical', reason, symbol, lot.cause, clientOrderId)
    }
  }

  /** A stop that vanished without our doing, and not because its group has done its work, is missed. */
  function noticeLosses(lot: Lot): void {
    const lost = lostStop(lot, memory.ordersOf(lot))
    if (lost === null) return
    memory.updateLot({ ...lot, stopLosses: [...lot.stopLosses.slice(-20), clock.now()], missedStops: lost.seen })
    if (!netQuantity(lot).isPositive) return
    const why = lost.tracked.reason?.message ?? 'no reason was given'
    const message = `The stop ${lost.tracked.order.clientOrderId} is ${lost.tracked.state}, not by us: ${why}`.slice(
      0,
      500,
    )
    const reason = { code: 'inspector.protection.stop-missing', message }
    outbox.incident('warning', reason, lot.intent.symbol, lot.cause, lost.tracked.order.clientOrderId)
  }

  /** When nothing is held and nothing can happen any more, the lot is told and forgotten. */
  function finish(lot: Lot): void {
    const { symbol, intentId } = lot.intent
    const rules = markets.rulesOf(symbol)
    const held = heldQuantity(lot)
    if (rules === null || !isOver(memory.ordersOf(lot)) || isSellable(rules, held, lot.stopPrice)) return
    const isSpot = rules.instrument.kind === 'spot' || rules.instrument.kind === 'stock'
    if (netQuantity(lot).isNegative && !isSpot && isSellable(rules, netQuantity(lot).abs(), lot.stopPrice)) return
    const closedAt = lot.lastFillAt ?? clock.now()
    const outcome = outcomeOf(lot, context.accountId, closedAt)
    memory.closeLot(lot)
    for (const purpose of ['stop', 'target', 'exit']) denials.delete(`${intentId}/${purpose}`)
    wake(intentId, null)
    if (outcome !== null) {
      memory.learnOutcome(outcome)
      outbox.outcome(outcome, lot.cause)
    }
    if (held.isPositive) {
      const message = `${held} ${symbol} is too little to be sold; the next trade of it sells it along.`
      // It names the lot: a trade without an outcome is known to be over by this alone.
      outbox.incident('info', { code: dustCode, message, observed: intentId }, symbol, lot.cause, intentId)
    }
    if (lot.unpricedFeeAsset !== null) {
      const message = `Fees in ${lot.unpricedFeeAsset} have no price in quote and are not in the result.`
      outbox.incident('info', { code: 'inspector.outcome.fee-unpriced', message }, symbol, lot.cause, intentId)
    }
    onClosed()
  }

  return {
    cover,
    touch,
    settle,
    settleAll() {
      for (const intentId of [...memory.lots.keys()]) settle(intentId)
    },
    learnOrderEvent(before, after) {
      const lot = memory.lotOf(after.order.clientOrderId)
      if (lot === null || before === after) return
      const change = afterOrderEvent(lot, before, after)
      if (change.lot !== lot) memory.updateLot(change.lot)
      if (isShort(after) && !lot.intent.symbol.includes(':')) makeTargetsWay(lot)
      if (change.leave !== null) leaveLot(change.lot, 'emergencyExit', change.leave.code, change.leave.message)
      if (change.warning !== null)
        outbox.incident('warning', change.warning, lot.intent.symbol, lot.cause, after.order.clientOrderId)
      cover.update(lot.intent.symbol, clock.now())
      touch(lot)
    },
    learnAccount: (account) => doubt.learnAccount(account),
    learnPrice(symbol, market) {
      const isMoving = plan.breakEven !== null || plan.trailing !== null
      for (const lot of memory.lots.values()) {
        if (lot.intent.symbol !== symbol || lot.openedAt === null || lot.leaving !== null) continue
        const price = touchPrice(market, closingSide(lot))
        if (lot.withoutTarget && price !== null && reachedTarget(lot, price, plan) !== null) touch(lot)
        if (!isMoving) continue
        const sign = lot.intent.direction === 'long' ? 1 : -1
        if (price === null || (lot.bestPrice !== null && sign * (price - lot.bestPrice) <= 0)) continue
        const rules = markets.rulesOf(symbol)
        const moved = rules === null ? null : movedStop(lot, rules, price, plan)
        memory.updateLot({ ...lot, bestPrice: price, stopPrice: moved ?? lot.stopPrice })
        if (moved !== null) touch(lot)
      }
    },
    stop() {
      cancelSweep?.()
      cancelSweep = null
      for (const cancelTimer of timers.values()) cancelTimer()
      timers.clear()
      doubt.stop()
      cover.stop()
    },
  }
}

/** What protects was refused for want of what it is to sell. */
function isShort({ order, state, reason }: TrackedOrder): boolean {
  const protects = order.purpose === 'stop' || order.purpose === 'exit'
  return protects && state === 'rejected' && correctionOf(reason) === 'alone'
}
