import { BarfinexError, type Clock } from '@barfinex/core'
import { digitsOf } from '../../exchanges/matching/scaled-integer.js'
import { eventFeed } from '../../exchanges/paper/event-feed.js'
import { generatedFeed } from '../../exchanges/paper/generated-feed.js'
import { marketCharacter } from '../../exchanges/paper/market-character.js'
import type { MarketFeed } from '../../exchanges/paper/market-feed.js'
import type { VenueMarket } from '../venue-world.js'
import { candleWalkFeed } from './candle-walk-feed.js'
import { shiftedClock } from './shifted-clock.js'
import { stillFeed } from './still-feed.js'
import { type SymbolLimits, type SymbolRules, symbolRules } from './symbol-rules.js'
import type { ResolvedVenueWorldOptions } from './venue-world-options.js'

const dayMs = 86_400_000

/** What moves one market of the venue, and the rules of what is traded there. */
export interface MarketSource {
  readonly rules: readonly SymbolRules[]
  readonly feed: MarketFeed
  readonly clock: Clock
}

/** Reads from the options what a market is made of. Throws `options.invalid` for symbols the venue cannot keep exact. */
export function marketSource(options: ResolvedVenueWorldOptions, market: VenueMarket): MarketSource {
  const { clock, seed, tape } = options
  const fees = market === 'spot' ? options.feeBps : options.perpetualFeeBps
  if (market === 'spot' && tape !== undefined) {
    const rules = tape.instruments.map((it) =>
      checked(symbolRules(seed, it.symbol, fees, limitsOf(options, it.symbol), it)),
    )
    const feed = tape.kind === 'candles' ? candleWalkFeed(tape) : eventFeed(tape, { spreadBps: 2 })
    return { rules, feed, clock: shiftedClock(clock, tape.startAt - clock.now()) }
  }
  const symbols = market === 'spot' ? options.symbols : options.perpetuals
  const rules = symbols.map((symbol) => checked(symbolRules(seed, symbol, fees, limitsOf(options, symbol))))
  const instruments = rules.map((it) => it.instrument)
  if (options.market === 'still') {
    const still = instruments.map((instrument) => {
      const tick = Number(instrument.tickSize)
      const price = Math.round(marketCharacter(seed, instrument.symbol).startPrice / tick) * tick
      return { instrument, price }
    })
    return { rules, feed: stillFeed(still), clock }
  }
  const startAt = Math.floor(clock.now() / dayMs) * dayMs
  const { historyDays, ticksPerMinute } = options
  return { rules, feed: generatedFeed({ seed, instruments, startAt, historyDays, ticksPerMinute }), clock }
}

function limitsOf(options: ResolvedVenueWorldOptions, symbol: string): Partial<SymbolLimits> {
  const given = options.limits[symbol] ?? {}
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function checked(rules: SymbolRules): SymbolRules {
  const { tickSize, stepSize } = rules.instrument
  if (digitsOf(tickSize) + digitsOf(stepSize) <= 8) return rules
  const message = `venue: ${rules.symbol} has ticks of ${tickSize} and steps of ${stepSize}; together they may have 8 digits after the point.`
  throw new BarfinexError('options.invalid', message)
}
