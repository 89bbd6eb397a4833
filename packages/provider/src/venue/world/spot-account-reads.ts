import type { Clock } from '@barfinex/core'
import { VenueError, type VenueParams, type VenueReadOptions, type VenueReply } from '../venue-world.js'
import type { MarketHall } from './market-hall.js'
import { rowQuery } from './market-reads.js'
import type { OrderRegister } from './order-register.js'
import { rowsOf } from './public-trades.js'
import { integerIn, limitIn, required } from './read-value.js'
import { rateText, type SpotDesk } from './spot-desk.js'
import { filtersOf } from './spot-exchange-info.js'
import type { SpotListDesk } from './spot-list-desk.js'
import { spotTradeRow } from './spot-rows.js'
import type { VenueOrder } from './venue-order.js'

const openStatuses: readonly unknown[] = ['NEW', 'PARTIALLY_FILLED', 'PENDING_NEW']

export interface SpotAccountReadsOptions {
  readonly hall: MarketHall
  readonly register: OrderRegister
  readonly desk: SpotDesk
  readonly lists: SpotListDesk
  readonly clock: Clock
  /** The venue's time, skew included. */
  readonly now: () => number
}

/** What an account may ask about itself: records that follow the engine with their lag. */
export class SpotAccountReads {
  constructor(private readonly options: SpotAccountReadsOptions) {}

  order(accountId: string, params: VenueParams, read?: VenueReadOptions): VenueReply {
    const { hall, desk } = this.options
    const listed = hall.listed(required(params, 'symbol'))
    let order = desk.find(accountId, listed.rules.id, params['orderId'], params['origClientOrderId'])
    // A new order may have taken the id before the records know of it: they still show the one before.
    while (order !== undefined && this.row(order, read) === undefined) order = order.before
    if (order === undefined) throw new VenueError(-2013, 'Order does not exist.')
    return this.row(order, read) as VenueReply
  }

  openOrders(accountId: string, params: VenueParams, read?: VenueReadOptions): readonly VenueReply[] {
    const { register, hall } = this.options
    const listed = params['symbol'] === undefined ? undefined : hall.listed(params['symbol'])
    const orders = register.account(accountId).recentOrders()
    return this.rows(orders, read).filter(
      (row) => openStatuses.includes(row['status']) && (listed === undefined || row['symbol'] === listed.rules.id),
    )
  }

  allOrders(accountId: string, params: VenueParams, read?: VenueReadOptions): readonly VenueReply[] {
    const { register, hall } = this.options
    const listed = hall.listed(required(params, 'symbol'))
    const orders = register.account(accountId).orders.filter((it) => it.draft.listed === listed)
    const limit = limitIn(params, 500, 1_000)
    const fromId = integerIn(params, 'orderId')
    const startTime = integerIn(params, 'startTime')
    const endTime = integerIn(params, 'endTime')
    const wanted = orders.filter(
      (it) =>
        (fromId === undefined || it.orderId >= fromId) &&
        (startTime === undefined || it.placedAt >= startTime) &&
        (endTime === undefined || it.placedAt <= endTime),
    )
    const rows = this.rows(wanted, read)
    return fromId === undefined && startTime === undefined ? rows.slice(-limit) : rows.slice(0, limit)
  }

  orderList(accountId: string, params: VenueParams, read?: VenueReadOptions): VenueReply {
    const list = this.options.lists.find(accountId, params, 'origClientOrderId')
    const row = list?.timeline.at(this.instant(read))
    if (row === undefined) throw new VenueError(-2018, 'Order list does not exist.')
    return row
  }

  openOrderLists(accountId: string, _params: VenueParams, read?: VenueReadOptions): readonly VenueReply[] {
    return this.listRows(accountId, read).filter((row) => row['listOrderStatus'] === 'EXECUTING')
  }

  allOrderLists(accountId: string, params: VenueParams, read?: VenueReadOptions): readonly VenueReply[] {
    const fromId = integerIn(params, 'fromId')
    const limit = limitIn(params, 500, 1_000)
    const rows = this.listRows(accountId, read)
    if (fromId === undefined) return rows.slice(-limit)
    return rows.filter((row) => Number(row['orderListId']) >= fromId).slice(0, limit)
  }

  account(accountId: string, params: VenueParams, read?: VenueReadOptions): VenueReply {
    const { register, hall } = this.options
    const balances = register.account(accountId).balances.at(this.instant(read)) ?? []
    const isSparse = params['omitZeroBalances'] === 'true'
    const [first] = hall.symbols.values()
    const fees = first?.rules.instrument
    const maker = rateText(fees?.makerFeeBps ?? '0')
    const taker = rateText(fees?.takerFeeBps ?? '0')
    return {
      makerCommission: Math.round(Number(maker) * 10_000),
      takerCommission: Math.round(Number(taker) * 10_000),
      buyerCommission: 0,
      sellerCommission: 0,
      commissionRates: { maker, taker, buyer: '0.00000000', seller: '0.00000000' },
      canTrade: true,
      canWithdraw: true,
      canDeposit: true,
      brokered: false,
      requireSelfTradePrevention: false,
      preventSor: false,
      updateTime: this.options.now(),
      accountType: 'SPOT',
      balances: balances
        .filter((it) => !isSparse || Number(it.total) !== 0)
        .map(({ asset, free, locked }) => ({ asset, free, locked })),
      permissions: ['SPOT'],
      uid: uidOf(accountId),
    }
  }

  myTrades(accountId: string, params: VenueParams, read?: VenueReadOptions): readonly VenueReply[] {
    const { register, hall } = this.options
    const listed = hall.listed(required(params, 'symbol'))
    const orderId = integerIn(params, 'orderId')
    const now = this.instant(read)
    const rows = register
      .account(accountId)
      .trades.filter(
        ({ trade, visibleAt }) =>
          visibleAt <= now &&
          trade.order.draft.listed === listed &&
          (orderId === undefined || trade.order.orderId === orderId),
      )
    return rowsOf(
      rows.map(({ trade }) => spotTradeRow(trade)),
      rowQuery(params, 500, 1_000),
    )
  }

  myFilters(_accountId: string, params: VenueParams): VenueReply {
    const listed = this.options.hall.listed(required(params, 'symbol'))
    return { exchangeFilters: [], symbolFilters: filtersOf(listed.rules), assetFilters: [] }
  }

  commission(_accountId: string, params: VenueParams): VenueReply {
    const { rules } = this.options.hall.listed(required(params, 'symbol'))
    const standard = {
      maker: rateText(rules.instrument.makerFeeBps),
      taker: rateText(rules.instrument.takerFeeBps),
      buyer: '0.00000000',
      seller: '0.00000000',
    }
    const none = { maker: '0.00000000', taker: '0.00000000', buyer: '0.00000000', seller: '0.00000000' }
    return { symbol: rules.id, standardCommission: standard, specialCommission: none, taxCommission: none }
  }

  private listRows(accountId: string, read: VenueReadOptions | undefined): readonly VenueReply[] {
    const now = this.instant(read)
    return this.options.lists
      .listsOf(accountId)
      .map((list) => list.timeline.at(now))
      .filter((row) => row !== undefined)
  }

  private rows(orders: readonly VenueOrder[], read: VenueReadOptions | undefined): readonly VenueReply[] {
    return orders.map((order) => this.row(order, read)).filter((row) => row !== undefined)
  }

  private row(order: VenueOrder, read: VenueReadOptions | undefined): VenueReply | undefined {
    return order.timeline.at(this.instant(read))
  }

  /** The instant of which the reads know all. */
  private instant(read: VenueReadOptions | undefined): number {
    return this.options.clock.now() - (read?.extraLagMs ?? 0)
  }
}

/** A number for an account, as the wire wants one. */
function uidOf(accountId: string): number {
  let uid = 0
  for (const character of accountId) uid = (uid * 31 + character.charCodeAt(0)) % 1_000_000_007
  return uid
}
