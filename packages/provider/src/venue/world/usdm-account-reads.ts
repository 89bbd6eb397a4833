import type { Clock } from '@barfinex/core'
import { VenueError, type VenueParams, type VenueReadOptions, type VenueReply } from '../venue-world.js'
import type { AccountBalances } from './account-balances.js'
import { padded, plainText, product, type Units } from './amount.js'
import type { MarketHall } from './market-hall.js'
import { rowQuery, symbolsIn } from './market-reads.js'
import type { OrderRegister } from './order-register.js'
import { rowsOf } from './public-trades.js'
import { limitIn, required } from './read-value.js'
import type { UsdmDesk } from './usdm-desk.js'
import type { UsdmPosition, UsdmPositions } from './usdm-positions.js'
import { usdmTradeRow } from './usdm-rows.js'
import type { VenueOrder } from './venue-order.js'

export interface UsdmAccountReadsOptions {
  readonly hall: MarketHall
  readonly register: OrderRegister
  readonly balances: AccountBalances
  readonly positions: UsdmPositions
  readonly desk: UsdmDesk
  readonly clock: Clock
  readonly now: () => number
}

/** What an account may ask about its perpetuals. Orders, fills and balances lag as on spot; positions are computed when asked. */
export class UsdmAccountReads {
  constructor(private readonly options: UsdmAccountReadsOptions) {}

  order(accountId: string, params: VenueParams, read?: VenueReadOptions): VenueReply {
    let order = this.options.desk.find(accountId, params)
    while (order !== undefined && this.row(order, read) === undefined) order = order.before
    if (order === undefined) throw new VenueError(-2013, 'Order does not exist.')
    return this.row(order, read) as VenueReply
  }

  openOrders(accountId: string, params: VenueParams, read?: VenueReadOptions): readonly VenueReply[] {
    const symbols = symbolsIn(this.options.hall, params)
    return this.options.register
      .account(accountId)
      .recentOrders()
      .filter((it) => symbols.includes(it.draft.listed))
      .map((it) => this.row(it, read))
      .filter((row) => row !== undefined)
      .filter((row) => row['status'] === 'NEW' || row['status'] === 'PARTIALLY_FILLED')
  }

  allOrders(accountId: string, params: VenueParams, read?: VenueReadOptions): readonly VenueReply[] {
    const listed = this.options.hall.listed(required(params, 'symbol'))
    const rows = this.options.register
      .account(accountId)
      .orders.filter((it) => it.draft.listed === listed)
      .map((it) => this.row(it, read))
      .filter((row) => row !== undefined)
    return rows.slice(-limitIn(params, 500, 1_000))
  }

  userTrades(accountId: string, params: VenueParams, read?: VenueReadOptions): readonly VenueReply[] {
    const listed = this.options.hall.listed(required(params, 'symbol'))
    const now = this.instant(read)
    const rows = this.options.register
      .account(accountId)
      .trades.filter(({ trade, visibleAt }) => visibleAt <= now && trade.order.draft.listed === listed)
      .map(({ trade }) => usdmTradeRow(trade))
    return rowsOf(rows, rowQuery(params, 500, 1_000))
  }

  positionRisk(accountId: string, params: VenueParams): readonly VenueReply[] {
    const { positions, hall } = this.options
    return positions.of(accountId, symbolsIn(hall, params)).map((it) => ({
      ...positionRow(it),
      markPrice: plainText(it.markPrice),
      unRealizedProfit: plainText(it.unrealized),
      liquidationPrice: '0',
      marginType: 'cross',
      isAutoAddMargin: 'false',
      maxNotionalValue: '1000000',
      updateTime: this.options.now(),
    }))
  }

  balance(accountId: string, read?: VenueReadOptions): readonly VenueReply[] {
    const rows = this.options.register.account(accountId).balances.at(this.instant(read)) ?? []
    return rows.map(({ asset, total, free }) => ({
      accountAlias: accountId,
      asset,
      balance: total,
      crossWalletBalance: total,
      crossUnPnl: padded(plainText(this.unrealized(accountId, asset))),
      availableBalance: free,
      maxWithdrawAmount: free,
      marginAvailable: true,
      updateTime: this.options.now(),
    }))
  }

  account(accountId: string, read?: VenueReadOptions): VenueReply {
    const assets = this.balance(accountId, read)
    const usdt = assets.find((it) => it['asset'] === 'USDT')
    return {
      feeTier: 0,
      canTrade: true,
      canDeposit: true,
      canWithdraw: true,
      updateTime: 0,
      multiAssetsMargin: false,
      totalWalletBalance: usdt?.['balance'] ?? '0.00000000',
      totalUnrealizedProfit: usdt?.['crossUnPnl'] ?? '0.00000000',
      availableBalance: usdt?.['availableBalance'] ?? '0.00000000',
      maxWithdrawAmount: usdt?.['availableBalance'] ?? '0.00000000',
      assets: assets.map((it) => ({
        asset: it['asset'],
        walletBalance: it['balance'],
        unrealizedProfit: it['crossUnPnl'],
        crossWalletBalance: it['balance'],
        availableBalance: it['availableBalance'],
        updateTime: it['updateTime'],
      })),
      positions: this.options.positions
        .of(accountId, [...this.options.hall.symbols.values()])
        .map((it) => ({ ...positionRow(it), unrealizedProfit: plainText(it.unrealized), isolated: false })),
    }
  }

  private unrealized(accountId: string, asset: string): Units {
    const symbols = [...this.options.hall.symbols.values()].filter((it) => it.rules.instrument.settle === asset)
    return this.options.positions.of(accountId, symbols).reduce((sum, it) => sum + it.unrealized, 0n)
  }

  private row(order: VenueOrder, read: VenueReadOptions | undefined): VenueReply | undefined {
    return order.timeline.at(this.instant(read))
  }

  private instant(read: VenueReadOptions | undefined): number {
    return this.options.clock.now() - (read?.extraLagMs ?? 0)
  }
}

function positionRow({ listed, quantity, entryPrice, markPrice, leverage }: UsdmPosition): VenueReply {
  return {
    symbol: listed.rules.id,
    positionSide: 'BOTH',
    positionAmt: plainText(quantity),
    entryPrice: plainText(entryPrice),
    breakEvenPrice: plainText(entryPrice),
    leverage: String(leverage),
    notional: plainText(product(markPrice, quantity)),
    isolatedMargin: '0',
    isolatedWallet: '0',
  }
}
