import type { Instrument } from '@barfinex/core'
import { scaledText } from '../matching/scaled-integer.js'
import { marketCharacter } from './market-character.js'

/** Fees of the paper exchange, in basis points as decimal text. */
export interface PaperFees {
  readonly maker: string
  readonly taker: string
}

/**
 * Rules of a generated market: ticks of about a millionth and steps of about a unit of quote, as exchanges set them.
 * `BASE/QUOTE` is a spot market, `BASE/QUOTE:QUOTE` a linear perpetual contract.
 */
export function paperInstrument(seed: number | string, symbol: string, fees: PaperFees): Instrument {
  const [pair = symbol, settle] = symbol.split(':')
  const [base = pair, quote = ''] = pair.split('/')
  const magnitude = Math.floor(Math.log10(marketCharacter(seed, symbol).startPrice))
  return {
    symbol,
    exchange: 'paper',
    kind: settle === undefined ? 'spot' : 'swap',
    base,
    quote,
    settle: settle ?? quote,
    tickSize: powerOfTen(Math.min(0, magnitude - 6)),
    stepSize: powerOfTen(Math.min(0, -magnitude - 1)),
    minQuantity: powerOfTen(Math.min(0, -magnitude - 1)),
    maxQuantity: null,
    minNotional: '5',
    maxNotional: null,
    makerFeeBps: fees.maker,
    takerFeeBps: fees.taker,
    status: 'trading',
    revision: 1,
  }
}

function powerOfTen(exponent: number): string {
  return scaledText(1, -exponent)
}
