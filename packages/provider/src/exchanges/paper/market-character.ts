import { createRandom } from '@barfinex/core'

/** What kind of market a seed makes of a symbol. Every number is drawn from seed and symbol alone. */
export interface MarketCharacter {
  /** Middle price at the market's origin, quote per base. */
  readonly startPrice: number
  /** Standard deviation of a year's log return, without jumps. */
  readonly annualVolatility: number
  /** Weight of the last squared shock in the variance (GARCH alpha). */
  readonly shock: number
  /** Share of the variance's deviation that is left after a minute (GARCH alpha + beta). */
  readonly persistence: number
  /**
   * Share of the variance of hourly returns that comes from a slow drift. This is the one thing to be found: returns of
   * neighbouring hours correlate by about `trendShare * 2^(-1h / trendHalfLife)`, which fades as the drift turns.
   */
  readonly trendShare: number
  /** Half-life of that drift, in minutes. */
  readonly trendHalfLife: number
  readonly jumpsPerDay: number
  /** Standard deviation of a jump, in standard deviations of a quiet minute. */
  readonly jumpScale: number
  /** Spread of a quiet minute. */
  readonly spreadBps: number
  /** Mean volume of a day, in quote. */
  readonly dailyVolumeQuote: number
}

const knownPrices: Readonly<Record<string, number>> = {
  BTC: 42_000,
  ETH: 2_300,
  SOL: 100,
  BNB: 310,
  XRP: 0.6,
  DOGE: 0.09,
}

/**
 * Draws a market's character.
 *
 * @example
 * marketCharacter(7, 'BTC/USDT').trendShare // between 0.04 and 0.12
 */
export function marketCharacter(seed: number | string, symbol: string): MarketCharacter {
  const random = createRandom(`${seed}/${symbol}/character`)
  const between = (low: number, high: number) => low + (high - low) * random.next()
  const [base = symbol] = symbol.split('/')
  return {
    startPrice: (knownPrices[base] ?? 10 ** between(-1, 3)) * between(0.97, 1.03),
    annualVolatility: between(0.5, 0.8),
    shock: between(0.04, 0.08),
    persistence: between(0.992, 0.997),
    trendShare: between(0.04, 0.12),
    trendHalfLife: between(120, 360),
    jumpsPerDay: between(1, 4),
    jumpScale: between(5, 10),
    spreadBps: between(0.8, 1.6),
    dailyVolumeQuote: 10 ** between(8.3, 9),
  }
}
