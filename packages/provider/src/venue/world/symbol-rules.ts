import type { Instrument } from '@barfinex/core'
import { paperInstrument } from '../../exchanges/paper/paper-instrument.js'
import { VenueError, type VenueFilters, type VenueMarket } from '../venue-world.js'
import { plainText, type Units, unitsOf } from './amount.js'

/** Limits of one symbol beyond what its instrument says; all decimal text. */
export interface SymbolLimits {
  readonly maxQuantity: string
  readonly maxMarketQuantity: string
  readonly minNotional: string
  readonly maxNotional: string
  readonly maxNumOrders: number
  readonly maxNumAlgoOrders: number
  /** Most base that an account may hold or be about to buy; `null` where the symbol has no such filter. */
  readonly maxPosition: string | null
}

/** What a symbol allows: the filters of `exchangeInfo`, and the instrument the engine matches by. They say the same. */
export interface SymbolRules {
  /** Id of the wire, `BTCUSDT`. */
  readonly id: string
  /** The engine's symbol, `BTC/USDT`. */
  readonly symbol: string
  readonly market: VenueMarket
  readonly base: string
  readonly quote: string
  readonly instrument: Instrument
  readonly tick: Units
  readonly step: Units
  readonly minQuantity: Units
  readonly maxQuantity: Units
  readonly maxMarketQuantity: Units
  readonly minNotional: Units
  readonly maxNotional: Units
  readonly maxNumOrders: number
  readonly maxNumAlgoOrders: number
  readonly maxPosition: Units | null
}

/** How far from the average price an order's price may lie, as factors. */
export const percentPrice = { up: '5', down: '0.2', avgPriceMins: 5 } as const
/** The least and the most of `trailingDelta`, in basis points. */
export const trailingDelta = { least: 10, most: 2_000 } as const

const usualLimits: SymbolLimits = {
  maxQuantity: '90000',
  maxMarketQuantity: '10000',
  minNotional: '5',
  maxNotional: '9000000',
  maxNumOrders: 200,
  maxNumAlgoOrders: 5,
  maxPosition: null,
}

/** Makes the rules of a symbol. `instrument` is a tape's own, where there is one. */
export function symbolRules(
  seed: number | string,
  symbol: string,
  fees: { readonly maker: string; readonly taker: string },
  limits: Partial<SymbolLimits> = {},
  instrument?: Instrument,
): SymbolRules {
  const all = { ...usualLimits, ...limits }
  const own = instrument ?? paperInstrument(seed, symbol, fees)
  return {
    id: wireId(symbol),
    symbol,
    market: symbol.includes(':') ? 'usdm' : 'spot',
    base: own.base,
    quote: own.quote,
    instrument: {
      ...own,
      maxQuantity: all.maxQuantity,
      // The venue holds notionals against its average price; the engine would hold them against the book.
      minNotional: '0',
      maxNotional: null,
      makerFeeBps: fees.maker,
      takerFeeBps: fees.taker,
      status: 'trading',
    },
    tick: unitsOf(own.tickSize),
    step: unitsOf(own.stepSize),
    minQuantity: unitsOf(own.minQuantity),
    maxQuantity: unitsOf(all.maxQuantity),
    maxMarketQuantity: unitsOf(all.maxMarketQuantity),
    minNotional: unitsOf(all.minNotional),
    maxNotional: unitsOf(all.maxNotional),
    maxNumOrders: all.maxNumOrders,
    maxNumAlgoOrders: all.maxNumAlgoOrders,
    maxPosition: all.maxPosition === null ? null : unitsOf(all.maxPosition),
  }
}

/** Rules with other filters, held against those that the symbol began with. */
export function withFilters(rules: SymbolRules, first: SymbolRules, filters: VenueFilters): SymbolRules {
  const { tickSize, stepSize, minQuantity, maxQuantity, minNotional, maxNumOrders, maxNumAlgoOrders } = filters
  return {
    ...rules,
    tick: multipleOf(first.tick, tickSize, rules.tick),
    step: multipleOf(first.step, stepSize, rules.step),
    minQuantity: multipleOf(first.step, minQuantity, rules.minQuantity),
    maxQuantity: maxQuantity === undefined ? rules.maxQuantity : unitsOf(maxQuantity),
    minNotional: minNotional === undefined ? rules.minNotional : unitsOf(minNotional),
    maxNumOrders: maxNumOrders ?? rules.maxNumOrders,
    maxNumAlgoOrders: maxNumAlgoOrders ?? rules.maxNumAlgoOrders,
  }
}

function multipleOf(first: Units, text: string | undefined, now: Units): Units {
  if (text === undefined) return now
  const asked = unitsOf(text)
  if (asked > 0n && asked % first === 0n) return asked
  throw new VenueError(-1013, `${text} is no multiple of ${plainText(first)}, which this symbol began with.`)
}

/** `BTC/USDT` and `BTC/USDT:USDT` are both `BTCUSDT` on the wire, on two markets. */
export function wireId(symbol: string): string {
  const [pair = symbol] = symbol.split(':')
  return pair.replace('/', '')
}
