import type { BookChange, Candle, Feed, Instrument, Quote, Trade } from '../flow/1-market.js'
import { closeTimeOf } from '../model/timeframe.js'

/** 2024-01-01T00:00:00Z, a Monday and the first of a month: every timeframe opens here. */
export const newYear = 1_704_067_200_000

/** Rules of a spot symbol: tick 0.01, step 0.00001, 10 bps. */
export function anInstrument(overrides: Partial<Instrument> = {}): Instrument {
  return {
    symbol: 'BTC/USDT',
    exchange: 'paper',
    kind: 'spot',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    tickSize: '0.01',
    stepSize: '0.00001',
    minQuantity: '0.00001',
    maxQuantity: null,
    minNotional: '5',
    maxNotional: null,
    makerFeeBps: '10',
    takerFeeBps: '10',
    status: 'trading',
    revision: 1,
    ...overrides,
  }
}

export function aTrade(overrides: Partial<Trade> = {}): Trade {
  return {
    symbol: 'BTC/USDT',
    tradeId: '1',
    price: 100,
    quantity: 0.5,
    takerSide: 'buy',
    occurredAt: newYear,
    ...overrides,
  }
}

export function aQuote(overrides: Partial<Quote> = {}): Quote {
  return {
    symbol: 'BTC/USDT',
    bid: 99.99,
    ask: 100.01,
    bidQuantity: 1,
    askQuantity: 2,
    occurredAt: newYear,
    ...overrides,
  }
}

export function aBookChange(overrides: Partial<BookChange> = {}): BookChange {
  return {
    symbol: 'BTC/USDT',
    kind: 'snapshot',
    firstSequence: 7,
    lastSequence: 7,
    bids: [[99.99, 1]],
    asks: [[100.01, 2]],
    occurredAt: newYear,
    ...overrides,
  }
}

/** A closed candle. Its `closeTime` follows from `openTime` and `timeframe` unless it is given. */
export function aCandle(overrides: Partial<Candle> = {}): Candle {
  const timeframe = overrides.timeframe ?? '1m'
  const openTime = overrides.openTime ?? newYear
  return {
    symbol: 'BTC/USDT',
    timeframe,
    openTime,
    closeTime: closeTimeOf(timeframe, openTime),
    open: 100,
    high: 102,
    low: 99,
    close: 101,
    volume: 12.5,
    tradeCount: 40,
    isFinal: true,
    provenance: 'live',
    revision: 0,
    ...overrides,
  }
}

/** So many closed candles, one after the other; `at` sets members by index. */
export function candlesInRow(
  count: number,
  first: Partial<Candle> = {},
  at?: (index: number) => Partial<Candle>,
): Candle[] {
  const candles: Candle[] = []
  let openTime = first.openTime ?? newYear
  for (let index = 0; index < count; index += 1) {
    const candle = aCandle({ ...first, openTime, ...at?.(index) })
    candles.push(candle)
    openTime = candle.closeTime
  }
  return candles
}

export function aFeed(overrides: Partial<Feed> = {}): Feed {
  return {
    symbol: 'BTC/USDT',
    state: 'live',
    code: 'market.feed.live',
    since: newYear,
    lastEventAt: newYear,
    refusedCount: 0,
    gapCount: 0,
    ...overrides,
  }
}
