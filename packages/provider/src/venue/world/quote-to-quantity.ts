import type { MatchingEngine } from '../../exchanges/matching/matching-engine.js'
import { VenueError } from '../venue-world.js'
import { product, quotient, type Units, unitsOf } from './amount.js'
import type { OrderDraft } from './order-draft.js'

const mostLevels = 5_000

/** How much a market order gets for an amount of quote, walking the book as it stands; whole steps, never more than the amount. */
export function quoteToQuantity(engine: MatchingEngine, draft: OrderDraft, quote: Units): Units {
  const { symbol, step, minQuantity } = draft.listed.rules
  let left = quote
  let quantity = 0n
  for (const level of engine.levels(symbol, draft.side === 'BUY' ? 'sell' : 'buy', mostLevels)) {
    const price = unitsOf(level.price)
    const offered = unitsOf(level.quantity)
    const whole = product(price, offered)
    if (whole <= left) {
      quantity += offered
      left -= whole
      continue
    }
    const affordable = quotient(left, price)
    quantity += affordable - (affordable % step)
    break
  }
  if (quantity >= minQuantity) return quantity
  throw new VenueError(-2010, 'Order book liquidity is less than LOT_SIZE filter minimum quantity.')
}
