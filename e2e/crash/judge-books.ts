import {
  type AccountState,
  createFileJournal,
  Decimal,
  decimal,
  flow,
  type Order,
  type OrderCommand,
  type OrderEvent,
} from '@barfinex/core'
import type { VenueTrueOrder, VenueTrueTrade, VenueTruth } from '@barfinex/provider/venue'

/** What Provider's journal says it was told to send, and what it sent of its own. */
export interface SentBooks {
  /** Sealed orders by client order id. */
  readonly commands: ReadonlyMap<string, Order>
  /** Every id its order events speak of. */
  readonly spokenOf: ReadonlySet<string>
}

/** Reads Provider's journal from the disk, as anybody can who looks into the matter later. */
export async function readSentBooks(directory: string): Promise<SentBooks> {
  const journal = await createFileJournal({ directory, readOnly: true })
  const commands = new Map<string, Order>()
  const spokenOf = new Set<string>()
  for await (const { type, payload } of journal.read()) {
    if (type === flow.orderCommand.name) {
      const command = payload as OrderCommand
      if (command.type === 'submit') commands.set(command.order.clientOrderId, command.order)
    } else if (type === flow.orderEvent.name) spokenOf.add((payload as OrderEvent).clientOrderId)
  }
  await journal.close()
  return { commands, spokenOf }
}

/** What the venue says of the one account of a run. */
export function accountOf(truth: VenueTruth) {
  const [account] = truth.accounts
  if (account === undefined) throw new Error('The venue has no account.')
  return account
}

/** I1 and I2: orders nobody wrote down, orders that stand for the same thing, and more filled than was approved. */
export function brokenOrders(truth: VenueTruth, books: SentBooks): readonly string[] {
  const { orders } = accountOf(truth)
  const broken: string[] = []
  const byThing = new Map<string, string>()
  const byId = new Map<string, number>()
  for (const { clientOrderId, executedQuantity } of orders) {
    byId.set(clientOrderId, (byId.get(clientOrderId) ?? 0) + 1)
    const order = books.commands.get(clientOrderId)
    if (order === undefined) {
      if (!books.spokenOf.has(clientOrderId)) broken.push(`I1 order ${clientOrderId} is in no journal`)
      continue
    }
    const thing = `${order.intentId} ${order.purpose} ${order.attempt}`
    const other = byThing.get(thing)
    if (other !== undefined && other !== clientOrderId) {
      broken.push(`I2 ${other} and ${clientOrderId} are both ${thing}`)
    }
    byThing.set(thing, clientOrderId)
    if (decimal(executedQuantity).greaterThan(decimal(order.quantity))) {
      broken.push(`I2 ${clientOrderId} was approved for ${order.quantity} and filled ${executedQuantity}`)
    }
  }
  for (const [id, count] of byId) if (count > 1) broken.push(`I2 ${id} was taken ${count} times`)
  const entries = new Map<string, number>()
  for (const { intentId, purpose, clientOrderId } of books.commands.values()) {
    if (purpose === 'entry' && byId.has(clientOrderId)) entries.set(intentId, (entries.get(intentId) ?? 0) + 1)
  }
  for (const [intent, count] of entries) if (count > 1) broken.push(`I2 intent ${intent} has ${count} entries`)
  return broken
}

/**
 * I4: where the ledger and the venue differ, to the last decimal. `totals` leaves out what is locked: the ledger counts nothing as
 * promised to orders that only reduce.
 */
export function differencesOf(
  truth: VenueTruth,
  ledger: AccountState,
  compared: 'totals' | 'all' = 'all',
): readonly string[] {
  const { balances, orders } = accountOf(truth)
  const different: string[] = []
  const ours = new Map(ledger.balances.map((it) => [it.asset, it]))
  for (const { market, asset, total, locked } of balances) {
    if (market !== 'spot') continue
    const own = ours.get(asset)
    if (!decimal(own?.total ?? '0').equals(decimal(total))) {
      different.push(`I4 ${asset}: ${own?.total ?? 'nothing'}, at the venue ${total}`)
    } else if (compared === 'all' && !decimal(own?.locked ?? '0').equals(decimal(locked))) {
      different.push(`I4 ${asset} locked: ${own?.locked ?? 'nothing'}, at the venue ${locked}`)
    }
  }
  const open = new Set(orders.filter((it) => it.isOpen).map((it) => it.clientOrderId))
  for (const { clientOrderId, state } of ledger.openOrders) {
    if (!open.delete(clientOrderId)) different.push(`I4 ${clientOrderId} is ${state} here and not open at the venue`)
  }
  for (const id of open) different.push(`I4 ${id} is open at the venue alone`)
  for (const { asset, difference } of truth.audit) {
    if (!decimal(difference).isZero) different.push(`the venue itself lost ${difference} ${asset}`)
  }
  return different
}

/** A time in which more was held than protective orders at the venue would have sold. */
export interface NakedTime {
  readonly from: number
  readonly to: number
  readonly quantity: string
}

interface Change {
  readonly at: number
  /** Orders first: an order that is taken and filled in one instant was there before it was filled. */
  readonly rank: number
  apply(): void
}

/**
 * I3, by the venue's records alone: for how long something bought was not covered by stops that rest there. What is less than the
 * venue would take as an order cannot be covered and does not count.
 */
export function nakedTimes(truth: VenueTruth, leastQuantity: Decimal, leastNotional: Decimal): readonly NakedTime[] {
  const { orders, trades } = accountOf(truth)
  const byOrder = new Map<number, VenueTrueTrade[]>()
  for (const trade of trades) byOrder.set(trade.orderId, [...(byOrder.get(trade.orderId) ?? []), trade])
  let held = Decimal.zero
  let price = Decimal.zero
  const cover = new Map<number, Decimal>()
  const changes: Change[] = []
  for (const order of orders) {
    if (isStop(order)) {
      changes.push({ at: order.placedAt, rank: 0, apply: () => cover.set(order.orderId, decimal(order.quantity)) })
      if (!order.isOpen) changes.push({ at: order.updatedAt, rank: 2, apply: () => cover.delete(order.orderId) })
    }
    for (const { quantity, commission, commissionAsset, time, side, price: paid, symbol } of byOrder.get(
      order.orderId,
    ) ?? []) {
      changes.push({
        at: time,
        rank: 1,
        apply() {
          price = decimal(paid)
          const amount = decimal(quantity)
          held = side === 'BUY' ? held.plus(amount) : held.minus(amount)
          if (symbol.startsWith(commissionAsset)) held = held.minus(decimal(commission))
          const left = cover.get(order.orderId)
          if (left !== undefined) cover.set(order.orderId, left.minus(amount))
        },
      })
    }
  }
  changes.sort((one, other) => one.at - other.at || one.rank - other.rank)
  const found: NakedTime[] = []
  const naked: { from: number; quantity: Decimal }[] = []
  for (const [index, change] of changes.entries()) {
    change.apply()
    // What happens in one instant is looked at when the instant is over.
    if (changes[index + 1]?.at === change.at) continue
    const covered = [...cover.values()].reduce((sum, it) => sum.plus(it), Decimal.zero)
    const open = held.minus(covered)
    const isDust = open.lessThan(leastQuantity) || open.times(price).lessThan(leastNotional)
    const since = naked.pop()
    if (!isDust) naked.push({ from: since?.from ?? change.at, quantity: open.max(since?.quantity ?? Decimal.zero) })
    else if (since !== undefined) found.push({ from: since.from, to: change.at, quantity: since.quantity.toString() })
  }
  for (const { from, quantity } of naked) found.push({ from, to: truth.time, quantity: quantity.toString() })
  return found
}

function isStop({ type, side }: VenueTrueOrder): boolean {
  return side === 'SELL' && type.startsWith('STOP_LOSS')
}
