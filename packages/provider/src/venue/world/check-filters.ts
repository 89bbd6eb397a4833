import { VenueError } from '../venue-world.js'
import { product, type Units, unitsOf } from './amount.js'
import type { OrderDraft } from './order-draft.js'
import { percentPrice, trailingDelta } from './symbol-rules.js'

/** What an account already has at work in the symbol. */
export interface AtWork {
  readonly openOrders: number
  readonly sleepingOrders: number
  /** Base held, free and locked. */
  readonly held: Units
  /** Base that open buys may still bring. */
  readonly toBuy: Units
}

const most = unitsOf('9000000')

/** Refuses an order that a filter of its symbol does not let pass: -1013, and -2010 for `MAX_POSITION`, as the venue does. */
export function checkFilters(draft: OrderDraft, isSleeper: boolean, atWork: AtWork): void {
  const { listed, price, stopPrice } = draft
  for (const given of [price, stopPrice]) if (given !== null) checkPrice(draft, given)
  if (price !== null) checkPercentPrice(draft, price)
  if (draft.quoteQuantity === null) checkQuantity(draft)
  checkNotional(draft)
  const { rules } = listed
  if (draft.trailingDelta !== null) {
    const isWithin = draft.trailingDelta >= trailingDelta.least && draft.trailingDelta <= trailingDelta.most
    if (!isWithin) throw failure('TRAILING_DELTA')
  }
  if (atWork.openOrders >= rules.maxNumOrders) throw failure('MAX_NUM_ORDERS')
  if (isSleeper && atWork.sleepingOrders >= rules.maxNumAlgoOrders) throw failure('MAX_NUM_ALGO_ORDERS')
  if (rules.maxPosition !== null && draft.side === 'BUY') {
    if (atWork.held + atWork.toBuy + draft.quantity > rules.maxPosition) {
      throw new VenueError(-2010, 'Filter failure: MAX_POSITION')
    }
  }
}

function checkPrice({ listed }: OrderDraft, price: Units): void {
  if (price === 0n) throw new VenueError(-1013, 'Invalid price.')
  if (price % listed.rules.tick !== 0n || price > most) throw failure('PRICE_FILTER')
}

function checkPercentPrice({ listed }: OrderDraft, price: Units): void {
  const average = listed.averagePrice()
  if (average === 0n) return
  const isHigh = price > product(average, unitsOf(percentPrice.up))
  if (isHigh || price < product(average, unitsOf(percentPrice.down))) throw failure('PERCENT_PRICE_BY_SIDE')
}

function checkQuantity({ listed, type, quantity }: OrderDraft): void {
  const { step, minQuantity, maxQuantity, maxMarketQuantity } = listed.rules
  if (quantity === 0n) throw new VenueError(-1013, 'Invalid quantity.')
  if (quantity % step !== 0n || quantity < minQuantity || quantity > maxQuantity) throw failure('LOT_SIZE')
  if (type === 'MARKET' && quantity > maxMarketQuantity) throw failure('MARKET_LOT_SIZE')
}

/** Orders without a price of their own count at the average price; a stop at its trigger. */
function checkNotional(draft: OrderDraft): void {
  const { listed, price, stopPrice, quantity, quoteQuantity } = draft
  const { minNotional, maxNotional } = listed.rules
  if (quoteQuantity === 0n) throw new VenueError(-1013, 'Invalid quantity.')
  const worth = quoteQuantity ?? product(price ?? stopPrice ?? listed.averagePrice(), quantity)
  if (worth < minNotional) throw failure('NOTIONAL')
  // applyMaxToMarket is false: market types may be larger.
  if (price !== null && worth > maxNotional) throw failure('NOTIONAL')
}

function failure(filter: string): VenueError {
  return new VenueError(-1013, `Filter failure: ${filter}`)
}
