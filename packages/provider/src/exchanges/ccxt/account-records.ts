import { BarfinexError, Decimal, decimal } from '@barfinex/core'
import type { AccountSnapshot, ExchangeReport, OrderRecord } from '../exchange.js'
import type { Urgency } from './call-budget.js'
import type { ExchangeTime } from './exchange-time.js'
import type { Listings } from './listings.js'
import type { OrderNames } from './order-names.js'
import { orderRecordOf } from './order-record.js'
import {
  type AccountReply,
  accountReply,
  orderListReply,
  orderReply,
  type TradeReply,
  tradeListReply,
} from './reply-schemas.js'
import { RequestFault } from './request-fault.js'
import type { Rest } from './rest.js'

type FillReport = Extract<ExchangeReport, { type: 'fill' }>

const unknownOrder = -2013
const pageSize = 1_000
/** The exchange answers for at most so much time at once. */
const windowMs = 24 * 3_600_000
/** Farther back it is cheaper to read from the first trade on. */
const manyWindows = 30

/** The exchange's own records of the account. What cannot be read is an error: unknown is not empty. */
export class AccountRecords {
  constructor(
    private readonly rest: Rest,
    private readonly listings: Listings,
    private readonly names: OrderNames,
    private readonly time: ExchangeTime,
  ) {}

  /** One order; `null` when the exchange says that it knows none. */
  async order(clientOrderId: string, symbol: string): Promise<OrderRecord | null> {
    const params = { symbol: this.marketId(symbol), origClientOrderId: clientOrderId }
    try {
      const reply = await this.rest.call('order', orderReply, params, 'urgent')
      this.names.add(symbol, reply.orderId, clientOrderId)
      return orderRecordOf(reply, symbol)
    } catch (error) {
      if (error instanceof RequestFault && error.kind === 'refused' && error.code === unknownOrder) return null
      throw told(error, `${symbol}: the record of order ${clientOrderId} could not be read`)
    }
  }

  /** Fills since an instant and with it, oldest first. */
  async fills(symbol: string, since: number): Promise<readonly FillReport[]> {
    try {
      const trades = (await this.trades(this.marketId(symbol), since)).filter((it) => it.time >= since)
      await this.name(symbol, trades)
      return trades.map((it) => this.fillOf(symbol, it))
    } catch (error) {
      throw told(error, `${symbol}: the account's trades could not be read`)
    }
  }

  /** Balances and open orders. Conditional orders are among the open ones on this market. */
  async snapshot(): Promise<AccountSnapshot> {
    try {
      const asOf = this.time.now()
      const [account, orders] = await Promise.all([
        this.account(),
        this.rest.call('openOrders', orderListReply, {}, 'records'),
      ])
      return {
        balances: balancesOf(account),
        positions: [],
        openOrders: orders.map((it) => {
          const symbol = this.listings.symbolOf(it.symbol) ?? it.symbol
          this.names.add(symbol, it.orderId, it.clientOrderId)
          return orderRecordOf(it, symbol)
        }),
        asOf,
      }
    } catch (error) {
      throw told(error, 'The account could not be read')
    }
  }

  account(urgency: Urgency = 'records'): Promise<AccountReply> {
    return this.rest.call('account', accountReply, {}, urgency)
  }

  private marketId(symbol: string): string {
    const listing = this.listings.of(symbol)
    if (listing !== undefined) return listing.marketId
    throw new BarfinexError('exchange.not-supported', `${symbol} is not served. Add it to \`symbols\`.`)
  }

  private async trades(marketId: string, since: number): Promise<TradeReply[]> {
    const now = this.time.now()
    const found: TradeReply[] = []
    if (since > now) return found
    if (now - since > manyWindows * windowMs) return this.pages(marketId, '0')
    for (let from = since; from <= now; from += windowMs) {
      const params = { symbol: marketId, startTime: from, endTime: from + windowMs - 1, limit: pageSize }
      const page = await this.rest.call('trades', tradeListReply, params, 'urgent')
      found.push(...page)
      const last = page.at(-1)
      // A full page may not be all of its window: the rest follows by id, to the end.
      if (page.length >= pageSize && last !== undefined) return [...found, ...(await this.pages(marketId, next(last)))]
    }
    return found
  }

  /** Everything from a trade id on. */
  private async pages(marketId: string, first: string): Promise<TradeReply[]> {
    const found: TradeReply[] = []
    let fromId = first
    while (true) {
      const params = { symbol: marketId, fromId, limit: pageSize }
      const page = await this.rest.call('trades', tradeListReply, params, 'urgent')
      found.push(...page)
      const last = page.at(-1)
      if (last === undefined || page.length < pageSize) return found
      fromId = next(last)
    }
  }

  /** A trade names its order by the exchange's id alone: asks for the names that have not been heard yet. */
  private async name(symbol: string, trades: readonly TradeReply[]): Promise<void> {
    for (const { orderId } of trades) {
      if (this.names.of(symbol, orderId) !== undefined) continue
      // From this one on: the neighbours are likely to be asked for next. A start sells nothing before it knows whose the fills were.
      const params = { symbol: this.marketId(symbol), orderId, limit: pageSize }
      const orders = await this.rest.call('orders', orderListReply, params, 'urgent')
      for (const it of orders) this.names.add(symbol, it.orderId, it.clientOrderId)
    }
  }

  private fillOf(symbol: string, trade: TradeReply): FillReport {
    return {
      type: 'fill',
      // Without a name it is nobody's of ours: an order of another hand, older than the exchange's records.
      clientOrderId: this.names.of(symbol, trade.orderId) ?? `foreign-${trade.orderId}`,
      exchangeOrderId: trade.orderId,
      symbol,
      tradeId: trade.id,
      price: trade.price,
      quantity: trade.qty,
      fee: trade.commission,
      feeAsset: trade.commissionAsset,
      liquidity: trade.isMaker ? 'maker' : 'taker',
      occurredAt: trade.time,
    }
  }
}

const next = (trade: TradeReply): string => (BigInt(trade.id) + 1n).toString()

function balancesOf({ balances }: AccountReply): AccountSnapshot['balances'] {
  return balances.flatMap(({ asset, free, locked }) => {
    const total = decimal(free).plus(decimal(locked))
    return total.equals(Decimal.zero) ? [] : [{ asset, free, locked, total: total.toString() }]
  })
}

function told(error: unknown, what: string): unknown {
  return error instanceof RequestFault ? error.toError(what) : error
}
