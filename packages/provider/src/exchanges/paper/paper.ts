import { BarfinexError, parseOptions } from '@barfinex/core'
import type { ExchangeFactory } from '../exchange.js'
import { openTape } from '../tape/open-tape.js'
import { peekSymbols } from '../tape/peek-symbols.js'
import type { Tape } from '../tape/tape.js'
import { candleFeed } from './candle-feed.js'
import { eventFeed } from './event-feed.js'
import { generatedFeed } from './generated-feed.js'
import type { MarketFeed } from './market-feed.js'
import { createPaperExchange, type PaperExchange } from './paper-exchange.js'
import { paperInstrument } from './paper-instrument.js'
import { type PaperOptions, paperOptions, type ResolvedPaperOptions, refuseSharedSymbols } from './paper-options.js'

/** Describes a paper exchange. */
export interface PaperFactory extends ExchangeFactory {
  readonly mode: 'paper'
  create(): Promise<PaperExchange>
}

/**
 * An exchange in memory: the matching engine, exact balances, latency, and a market that is generated from a seed or read
 * from a tape. Nothing leaves the machine, and the same options on the same clock give the same run.
 *
 * Throws `options.invalid`. `create` throws what {@link openTape} throws.
 *
 * @example
 * paper({ seed: 7 })                  // BTC/USDT and ETH/USDT:USDT, generated
 * paper({ tape: 'btc-1m.csv' })       // recorded; its sidecar says what it holds
 */
export function paper(options: PaperOptions = {}): PaperFactory {
  const parsed = parseOptions(paperOptions, options, 'paper')
  const given = parsed.tape === undefined ? [] : [parsed.tape].flat()
  let opened: Promise<readonly Tape[]> | null = null
  // A tape is read once, however often the exchange is made.
  const openAll = () => {
    opened ??= Promise.all(given.map((it) => (typeof it === 'string' ? openTape(it) : it))).catch((error: unknown) => {
      opened = null
      throw error
    })
    return opened
  }
  return {
    id: 'paper',
    mode: 'paper',
    get symbols() {
      if (given.length === 0) return parsed.symbols
      return given.flatMap((it) => (typeof it === 'string' ? peekSymbols(it) : it.symbols))
    },
    async create() {
      const tapes = await openAll()
      refuseSharedSymbols(tapes)
      return createPaperExchange(feedsOf(tapes, parsed), parsed)
    },
  }
}

function feedsOf(tapes: readonly Tape[], options: ResolvedPaperOptions): readonly MarketFeed[] {
  if (tapes.length === 0) return [generated(options)]
  return tapes.map((tape) => {
    const played = options.feeBps === undefined ? tape : withFees(tape, options.feeBps)
    return played.kind === 'candles' ? candleFeed(played, options) : eventFeed(played, options)
  })
}

function generated(options: ResolvedPaperOptions): MarketFeed {
  const { seed, symbols, feeBps } = options
  const instruments = [...new Set(symbols)].map((symbol) => {
    const own = symbol.includes(':') ? { maker: '2', taker: '5' } : { maker: '10', taker: '10' }
    const instrument = paperInstrument(seed, symbol, feeBps ?? own)
    if (instrument.settle === instrument.quote) return instrument
    const message = `paper: ${symbol} settles in ${instrument.settle}. Only contracts that settle in quote can be traded.`
    throw new BarfinexError('options.invalid', message)
  })
  return generatedFeed({ ...options, instruments })
}

function withFees(tape: Tape, fees: { readonly maker: string; readonly taker: string }): Tape {
  const instruments = tape.instruments.map((it) => ({ ...it, makerFeeBps: fees.maker, takerFeeBps: fees.taker }))
  return { ...tape, instruments }
}
