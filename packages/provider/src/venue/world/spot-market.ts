import type { VenueSpot } from '../venue-world.js'
import { AccountBalances } from './account-balances.js'
import { executionReport } from './execution-report.js'
import type { MarketParts } from './market-parts.js'
import { MarketReads } from './market-reads.js'
import { OrderCounts } from './order-counts.js'
import type { OrderList } from './order-list.js'
import { listStatusEvent, OrderLists } from './order-lists.js'
import { OrderRegister, type OrderVoice } from './order-register.js'
import { SpotAccountReads } from './spot-account-reads.js'
import { SpotDesk } from './spot-desk.js'
import { spotExchangeInfo } from './spot-exchange-info.js'
import { SpotListDesk } from './spot-list-desk.js'
import { spotOrderRow } from './spot-rows.js'

/** Spot behind its wire, and what the world needs of it. */
export interface SpotMarket {
  readonly spot: VenueSpot
  readonly register: OrderRegister
  readonly balances: AccountBalances
  /** Tells an account what of its balances has changed. */
  tellBalances(accountId: string): void
}

/** Puts the parts of the spot market together. */
export function createSpotMarket(parts: MarketParts): SpotMarket {
  const { hall, users, clock, now, lagMs, makeId, orderLimits } = parts
  const balances = new AccountBalances(hall.engine)
  const counts = new Map<string, OrderCounts>()
  let executionId = 0

  const voice: OrderVoice = {
    row: spotOrderRow,
    report(order, execution, moment) {
      executionId += 1
      const { accountId, draft } = order
      users.push(accountId, 'spot', 'executionReport', executionReport(order, execution, moment, executionId))
      if (moment.status === 'FILLED') countsOf(accountId).release(1)
      if (execution.trade === undefined) return
      const { base, quote } = draft.listed.rules
      tellBalances(accountId, [base, quote, execution.trade.commissionAsset])
    },
    settled(orders) {
      for (const accountId of new Set(orders.map((it) => it.accountId))) {
        balances.record(register.account(accountId))
        tellBalances(accountId)
      }
      for (const order of orders) lists.progress(order)
    },
  }
  const register = new OrderRegister(hall, 'spot', clock, now, lagMs, () => voice)

  function tellList(list: OrderList): void {
    list.timeline.push(list.row, register.account(list.accountId).visibleFrom())
    users.push(list.accountId, 'spot', 'listStatus', listStatusEvent(list, now()))
  }

  function tellBalances(accountId: string, named: readonly string[] = []): void {
    const changed = balances.takeChanged(accountId, named)
    if (changed.length === 0) return
    const rows = changed.map(({ asset, free, locked }) => ({ a: asset, f: free, l: locked }))
    const fields = { e: 'outboundAccountPosition', E: now(), u: now(), B: rows }
    users.push(accountId, 'spot', 'outboundAccountPosition', fields)
  }

  function countsOf(accountId: string): OrderCounts {
    const known = counts.get(accountId) ?? new OrderCounts(orderLimits, now)
    counts.set(accountId, known)
    return known
  }

  const lists = new OrderLists({ register, makeId, tell: tellList })
  const deskOptions = { hall, register, lists, counts: countsOf, makeId }
  const desk = new SpotDesk(deskOptions)
  const listDesk = new SpotListDesk({ ...deskOptions, desk, now, tell: tellList })
  const market = new MarketReads(hall, now)
  const own = new SpotAccountReads({ hall, register, desk, lists: listDesk, clock, now })
  hall.open(register)

  /** Runs an act and then tells whoever listens, so that nobody is called in the middle of it. */
  function act<T>(run: () => T): T {
    try {
      return run()
    } finally {
      hall.flush()
    }
  }

  return {
    register,
    balances,
    tellBalances,
    spot: {
      exchangeInfo: (params) => spotExchangeInfo(hall, orderLimits, now(), params),
      depth: (params) => market.depth(params),
      klines: (params) => market.klines(params),
      trades: (params) => market.trades(params),
      historicalTrades: (params) => market.historicalTrades(params),
      aggTrades: (params) => market.aggTrades(params),
      avgPrice: (params) => market.avgPrice(params),
      ticker24hr: (params) => market.ticker24hr(params),
      tickerPrice: (params) => market.tickerPrice(params),
      bookTicker: (params) => market.bookTicker(params),
      place: (accountId, params) => act(() => desk.place(accountId, params)),
      test: (accountId, params) => desk.test(accountId, params),
      cancel: (accountId, params) => act(() => desk.cancel(accountId, params)),
      cancelAll: (accountId, params) => act(() => desk.cancelAll(accountId, params)),
      cancelReplace: (accountId, params) => act(() => desk.cancelReplace(accountId, params)),
      placeOco: (accountId, params) => act(() => listDesk.oco(accountId, params)),
      placeOto: (accountId, params) => act(() => listDesk.oto(accountId, params)),
      placeOtoco: (accountId, params) => act(() => listDesk.otoco(accountId, params)),
      cancelList: (accountId, params) => act(() => listDesk.cancel(accountId, params)),
      order: (accountId, params, read) => own.order(accountId, params, read),
      openOrders: (accountId, params, read) => own.openOrders(accountId, params, read),
      allOrders: (accountId, params, read) => own.allOrders(accountId, params, read),
      orderList: (accountId, params, read) => own.orderList(accountId, params, read),
      openOrderLists: (accountId, params, read) => own.openOrderLists(accountId, params, read),
      allOrderLists: (accountId, params, read) => own.allOrderLists(accountId, params, read),
      account: (accountId, params, read) => own.account(accountId, params, read),
      myTrades: (accountId, params, read) => own.myTrades(accountId, params, read),
      orderRateLimit: (accountId) => countsOf(accountId).rows(),
      myFilters: (accountId, params) => own.myFilters(accountId, params),
      commission: (accountId, params) => own.commission(accountId, params),
    },
  }
}
