import { type AccountState, type CancelTask, decimal, isResting, type OrderEvent } from '@barfinex/core'
import type { Context } from '../context.js'
import type { TrackedOrder } from '../tracked-order.js'

/** Holds our stops against the ledger's list of what rests at the exchange: plain orders and those that wait for a trigger alike. */
export interface Doubt {
  /** Stops that the ledger has contradicted for longer than messages take, by id. They cover nothing. */
  readonly orders: ReadonlySet<string>
  learnAccount(account: AccountState): void
  stop(): void
}

/** What to do about a stop that cannot be relied upon. `isGone`: the ledger does not know it; else it knows it differently. */
export type OnDoubt = (tracked: TrackedOrder, isGone: boolean) => void

/**
 * An event about an order and the account state after it travel apart, so a contradiction counts once it has lasted
 * `protection.doubtAfterMs`. Then `onDoubt` is called once for the order, and an incident says what is wrong with it.
 */
export function createDoubt(context: Context, onDoubt: OnDoubt): Doubt {
  const { memory, outbox, runtime, protection } = context
  const { clock } = runtime
  const doubted = new Set<string>()
  /** Since when each stop has been contradicted. */
  const since = new Map<string, number>()
  let timer: CancelTask | null = null

  function look(): void {
    timer?.()
    timer = null
    const { account } = context
    if (account === null || !account.known) {
      since.clear()
      return
    }
    const now = clock.now()
    const resting = new Map(account.openOrders.map((event) => [event.clientOrderId, event]))
    let dueAt = Number.POSITIVE_INFINITY
    for (const tracked of [...memory.orders.values()]) {
      const { order, state } = tracked
      if (order.purpose !== 'stop' || doubted.has(order.clientOrderId)) continue
      const event = resting.get(order.clientOrderId)
      const wrong = isResting(state) ? whatIsWrong(tracked, event) : null
      if (wrong === null) {
        since.delete(order.clientOrderId)
        continue
      }
      const begun = since.get(order.clientOrderId) ?? now
      since.set(order.clientOrderId, begun)
      if (now < begun + protection.doubtAfterMs) dueAt = Math.min(dueAt, begun + protection.doubtAfterMs)
      else raise(tracked, wrong, event === undefined)
    }
    if (Number.isFinite(dueAt)) timer = clock.schedule(dueAt, look)
  }

  function raise(tracked: TrackedOrder, wrong: string, isGone: boolean): void {
    const { clientOrderId, symbol } = tracked.order
    doubted.add(clientOrderId)
    since.delete(clientOrderId)
    const message = `The stop ${clientOrderId} cannot be relied upon: ${wrong}. It is replaced.`
    const cause = memory.lotOf(clientOrderId)?.cause
    outbox.incident('critical', { code: 'inspector.protection.not-resident', message }, symbol, cause, clientOrderId)
    onDoubt(tracked, isGone)
  }

  return {
    orders: doubted,
    learnAccount() {
      for (const known of [doubted, since]) {
        for (const id of known.keys()) if (!memory.orders.has(id)) known.delete(id)
      }
      look()
    },
    stop() {
      timer?.()
      timer = null
    },
  }
}

/** What the ledger says of a stop that we believe to rest: nothing, or something else than was ordered. */
function whatIsWrong({ order, quantity }: TrackedOrder, event: OrderEvent | undefined): string | null {
  if (event === undefined) return 'the ledger has no such order at the exchange'
  if (event.side !== order.side) return `it is to ${event.side}, not to ${order.side}`
  if (event.triggerPrice === null || order.triggerPrice === null) return 'it has no trigger'
  if (!decimal(event.triggerPrice).equals(decimal(order.triggerPrice))) {
    return `it waits for ${event.triggerPrice}, not for ${order.triggerPrice}`
  }
  if (order.reduceOnly && !event.reduceOnly) return 'it is not reduce-only'
  return decimal(event.quantity).lessThan(quantity) ? `it is for ${event.quantity}, not for ${quantity}` : null
}
