import { VenueError, type VenueParams, type VenueReply } from '../venue-world.js'
import { plainText, product } from './amount.js'
import type { ListedSymbol } from './listed-symbol.js'
import type { MarketHall } from './market-hall.js'
import type { OrderDraft } from './order-draft.js'
import type { OrderRegister } from './order-register.js'
import { isSleeper } from './read-spot-order.js'
import { readUsdmOrder } from './read-usdm-order.js'
import { integerIn, required } from './read-value.js'
import { markPriceOf, type UsdmPositions } from './usdm-positions.js'
import { usdmOrderRow } from './usdm-rows.js'
import type { VenueOrder } from './venue-order.js'

export interface UsdmDeskOptions {
  readonly hall: MarketHall
  readonly register: OrderRegister
  readonly positions: UsdmPositions
  readonly makeId: () => string
  /** Tells the owner of a new leverage. */
  readonly tellLeverage: (accountId: string, listed: ListedSymbol, leverage: number) => void
}

/** The acts on perpetuals. */
export class UsdmDesk {
  constructor(private readonly options: UsdmDeskOptions) {}

  place(accountId: string, params: VenueParams): VenueReply {
    const { hall, register, makeId } = this.options
    const listed = hall.listed(required(params, 'symbol'))
    const draft = readUsdmOrder(listed, params, makeId)
    this.check(accountId, draft)
    const order = register.make(accountId, draft)
    register.enter(order, null)
    return usdmOrderRow(order)
  }

  cancel(accountId: string, params: VenueParams): VenueReply {
    const order = this.find(accountId, params)
    if (order === undefined || !order.isLive) throw new VenueError(-2011, 'Unknown order sent.')
    this.options.register.cancel(order, order.draft.clientOrderId)
    return usdmOrderRow(order)
  }

  cancelAll(accountId: string, params: VenueParams): VenueReply {
    const { hall, register } = this.options
    const listed = hall.listed(required(params, 'symbol'))
    for (const order of register.account(accountId).live()) {
      if (order.draft.listed === listed && order.isLive) register.cancel(order, order.draft.clientOrderId)
    }
    return { code: 200, msg: 'The operation of cancel all open order is done.' }
  }

  leverage(accountId: string, params: VenueParams): VenueReply {
    const { hall, positions, tellLeverage } = this.options
    const listed = hall.listed(required(params, 'symbol'))
    required(params, 'leverage')
    const leverage = integerIn(params, 'leverage') ?? 0
    if (leverage < 1 || leverage > 125) throw new VenueError(-4028, `Leverage ${leverage} is not valid`)
    if (!positions.lever(accountId, listed, leverage)) throw new VenueError(-2019, 'Margin is insufficient.')
    tellLeverage(accountId, listed, leverage)
    return { symbol: listed.rules.id, leverage, maxNotionalValue: '1000000' }
  }

  find(accountId: string, params: VenueParams): VenueOrder | undefined {
    const { hall, register } = this.options
    const listed = hall.listed(required(params, 'symbol'))
    const orderId = integerIn(params, 'orderId')
    const clientOrderId = params['origClientOrderId']
    const records = register.account(accountId)
    if (orderId === undefined) {
      if (clientOrderId === undefined)
        throw new VenueError(-1102, "Param 'origClientOrderId' or 'orderId' must be sent.")
      return records.named(listed.rules.id, clientOrderId)
    }
    const order = records.byOrderId(orderId)
    return order?.draft.listed === listed ? order : undefined
  }

  private check(accountId: string, draft: OrderDraft): void {
    const { listed, price, stopPrice, quantity, reduceOnly } = draft
    const { tick, step, minQuantity, maxQuantity, maxMarketQuantity, minNotional } = listed.rules
    if (listed.status !== 'TRADING') throw new VenueError(-4108, 'This contract is being settled or closed.')
    for (const given of [price, stopPrice]) {
      if (given === null) continue
      if (given === 0n) throw new VenueError(-4001, 'Price less than 0.')
      if (given % tick !== 0n) throw new VenueError(-4014, 'Price not increased by tick size.')
    }
    if (quantity < minQuantity) throw new VenueError(-4003, 'Quantity less than or equal to zero.')
    if (quantity % step !== 0n) throw new VenueError(-1111, 'Precision is over the maximum defined for this asset.')
    const most = price === null ? maxMarketQuantity : maxQuantity
    if (quantity > most) throw new VenueError(-4005, 'Quantity greater than max quantity.')
    const worth = product(price ?? stopPrice ?? markPriceOf(listed), quantity)
    if (worth < minNotional && !reduceOnly) {
      const least = plainText(minNotional)
      throw new VenueError(-4164, `Order's notional must be no smaller than ${least} (unless you choose reduce only).`)
    }
    const live = this.options.register
      .account(accountId)
      .live()
      .filter((it) => it.draft.listed === listed)
    if (live.length >= listed.rules.maxNumOrders) throw new VenueError(-2025, 'Reach max open order limit.')
    const isSleeping = isSleeper(draft.type)
    if (isSleeping && live.filter((it) => isSleeper(it.draft.type)).length >= listed.rules.maxNumAlgoOrders) {
      throw new VenueError(-4045, 'Reach max stop order limit.')
    }
    if (live.some((it) => it.draft.clientOrderId === draft.clientOrderId)) {
      throw new VenueError(-4116, 'ClientOrderId is duplicated.')
    }
  }
}
