import type { Units } from './amount.js'

/** One public trade. */
export interface PublicTrade {
  readonly id: number
  readonly price: Units
  readonly quantity: Units
  readonly buyerIsMaker: boolean
  readonly time: number
}

/** Trades of one taker at one price. */
export interface AggregateTrade extends PublicTrade {
  readonly firstTradeId: number
  readonly lastTradeId: number
}

/** Which rows of a list with rising ids and times a caller wants. */
export interface RowQuery {
  readonly fromId?: number
  readonly startTime?: number
  readonly endTime?: number
  readonly limit: number
}

/** The public trades of a symbol, the newest `limit` of them, with ids that count up without a hole. */
export class PublicTrades {
  private readonly trades: PublicTrade[] = []
  private readonly aggregates: AggregateTrade[] = []
  private nextId = 1
  private nextAggregateId = 1

  constructor(private readonly limit: number) {}

  add(price: Units, quantity: Units, buyerIsMaker: boolean, time: number): PublicTrade {
    const trade = { id: this.nextId, price, quantity, buyerIsMaker, time }
    this.nextId += 1
    this.trades.push(trade)
    forgetOldest(this.trades, this.limit)
    return trade
  }

  /** Joins neighbouring trades of one taker that have one price, and counts them. */
  aggregate(trades: readonly PublicTrade[]): readonly AggregateTrade[] {
    const made: AggregateTrade[] = []
    for (const trade of trades) {
      const last = made.at(-1)
      if (last !== undefined && last.price === trade.price && last.buyerIsMaker === trade.buyerIsMaker) {
        made[made.length - 1] = { ...last, quantity: last.quantity + trade.quantity, lastTradeId: trade.id }
        continue
      }
      made.push({ ...trade, id: this.nextAggregateId, firstTradeId: trade.id, lastTradeId: trade.id })
      this.nextAggregateId += 1
    }
    this.aggregates.push(...made)
    forgetOldest(this.aggregates, this.limit)
    return made
  }

  recent(query: RowQuery): readonly PublicTrade[] {
    return rowsOf(this.trades, query)
  }

  recentAggregates(query: RowQuery): readonly AggregateTrade[] {
    return rowsOf(this.aggregates, query)
  }
}

/**
 * Rows as the wire picks them: with an id or a start the oldest from there, else the newest. Rows rise by id and by time.
 */
export function rowsOf<T extends { readonly id: number; readonly time: number }>(
  rows: readonly T[],
  query: RowQuery,
): readonly T[] {
  const { fromId, startTime, endTime, limit } = query
  if (fromId === undefined && startTime === undefined && endTime === undefined) return rows.slice(-limit)
  const wanted = rows.filter(
    (row) =>
      (fromId === undefined || row.id >= fromId) &&
      (startTime === undefined || row.time >= startTime) &&
      (endTime === undefined || row.time <= endTime),
  )
  return fromId === undefined && startTime === undefined ? wanted.slice(-limit) : wanted.slice(0, limit)
}

/** Drops the oldest in batches, so that dropping costs nothing per row. */
function forgetOldest(rows: unknown[], limit: number): void {
  if (rows.length > limit * 1.25) rows.splice(0, rows.length - limit)
}
