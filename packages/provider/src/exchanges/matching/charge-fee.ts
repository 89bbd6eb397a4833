import type { MatchingState } from './matching-state.js'
import type { SymbolMarket } from './symbol-market.js'
import type { WorkingOrder } from './working-order.js'

/** What a fill costs: an amount in ledger units of an asset with so many digits. */
export interface Charge {
  readonly asset: string
  readonly units: bigint
  readonly digits: number
}

/**
 * The fee of a fill: in quote, in what the order receives, or in the fee coin where the account has chosen it, holds enough of it
 * free and its price in this quote is known.
 */
export function chargeFor(
  state: MatchingState,
  market: SymbolMarket,
  order: WorkingOrder,
  ticks: number,
  steps: number,
  liquidity: 'maker' | 'taker',
): Charge {
  const { grid } = market
  const { base, quote, settle } = grid.instrument
  const notional = grid.notional(ticks, steps)
  if (grid.isMargined) return { asset: settle, units: grid.fee(notional, liquidity), digits: grid.quoteDigits }
  const inCoin = chargeInCoin(state, market, order, grid.fee(notional, liquidity))
  if (inCoin !== null) return inCoin
  if (order.isBuy && !state.isQuoteFee) {
    return { asset: base, units: grid.fee(grid.baseAmount(steps), liquidity), digits: grid.baseDigits }
  }
  return { asset: quote, units: grid.fee(notional, liquidity), digits: grid.quoteDigits }
}

function chargeInCoin(
  state: MatchingState,
  market: SymbolMarket,
  order: WorkingOrder,
  feeInQuote: bigint,
): Charge | null {
  const { feeCoin } = state
  if (feeCoin === null || !order.account.paysFeeCoin) return null
  const { quote } = market.grid.instrument
  for (const { grid, lastTicks } of state.markets.values()) {
    const { base, quote: coinQuote } = grid.instrument
    if (grid.isMargined || base !== feeCoin.asset || coinQuote !== quote || Number.isNaN(lastTicks)) continue
    const worthOfOne = grid.notional(lastTicks, grid.stepsOf('1'))
    const discounted = feeInQuote * (10_000n - BigInt(feeCoin.discountBps))
    const units = (discounted * 10n ** BigInt(grid.baseDigits)) / (worthOfOne * 10_000n)
    if (units > order.account.balance(base).free) return null
    return { asset: base, units, digits: grid.baseDigits }
  }
  return null
}
