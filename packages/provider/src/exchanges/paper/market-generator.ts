import { type Candle, closeTimeOf, type Instrument, openTimeOf, type Timeframe, timeframeMs } from '@barfinex/core'
import { InstrumentGrid, ledgerDigits } from '../matching/instrument-grid.js'
import type { CandleColumns } from '../tape/candle-columns.js'
import { marketCharacter } from './market-character.js'
import { MarketPath, minuteMs } from './market-path.js'
import { breakMinute, createMinuteTicks, type MinuteTicks } from './market-ticks.js'
import { type MinuteBar, MinuteBars } from './minute-bars.js'
import { paperInstrument } from './paper-instrument.js'

const dayMs = 86_400_000
const keptDays = 70

/** A seeded market of one symbol: a pure function of seed, symbol and time. */
export interface MarketGenerator {
  readonly instrument: Instrument
  /** First instant at which the market exists. */
  readonly originAt: number
  /** Quotes and trades of the minute that begins at `openTime`. The buffers are reused by the next call. */
  minute(openTime: number): MinuteTicks
  /** Closed candles that closed at or before `until`, the newest `limit`, oldest first. */
  history(timeframe: Timeframe, until: number, limit: number): readonly Candle[]
}

export interface MarketGeneratorOptions {
  readonly seed: number | string
  readonly symbol: string
  /** The market begins at the UTC day of this instant. */
  readonly originAt: number
  /** Quote changes in an ordinary minute; a wild one has up to three times as many, a quiet one half. */
  readonly ticksPerMinute: number
  readonly instrument: Instrument
}

/** Makes a market. What is asked first does not change what comes later: see {@link MarketGenerator}. */
export function createMarketGenerator(options: MarketGeneratorOptions): MarketGenerator {
  const { symbol, ticksPerMinute, instrument } = options
  const seed = `${options.seed}/${symbol}`
  const character = marketCharacter(options.seed, symbol)
  const originDay = Math.floor(options.originAt / dayMs)
  const originAt = originDay * dayMs
  const path = new MarketPath(seed, character, originDay)
  const digits = ledgerDigits([instrument])
  const grid = new InstrumentGrid(instrument, digits.get(instrument.quote) ?? 8, digits.get(instrument.base) ?? 8)
  const live = createMinuteTicks()
  const past = createMinuteTicks()
  const minutes = new MinuteBars(makeMinute, keptDays)

  function breakInto(out: MinuteTicks, openTime: number, hasSizes: boolean): MinuteTicks {
    const day = Math.floor(openTime / dayMs)
    const minuteOfDay = (openTime - day * dayMs) / minuteMs
    breakMinute(out, seed, character, grid, ticksPerMinute, path.day(day), minuteOfDay, openTime, hasSizes)
    return out
  }

  function makeMinute(openTime: number, bar: MinuteBar): void {
    const ticks = breakInto(past, openTime, false)
    sumTrades(bar, ticks, 0, ticks.tradeCount)
  }

  function seconds(openTime: number): readonly Candle[] {
    const bar: MinuteBar = { open: 0, high: 0, low: 0, close: 0, volume: 0, tradeCount: 0 }
    let last = minutes.at(openTime - minuteMs).close
    const ticks = breakInto(past, openTime, false)
    const candles: Candle[] = []
    let tick = 0
    for (let from = openTime; from < openTime + minuteMs; from += 1_000) {
      const first = tick
      while (tick < ticks.count && ticks.at[tick]! < from + 1_000) tick += 1
      if (tick === first)
        Object.assign(bar, { open: last, high: last, low: last, close: last, volume: 0, tradeCount: 0 })
      else sumTrades(bar, ticks, ticks.firstTrade[first]!, ticks.firstTrade[tick]!)
      const candle = candleOf(symbol, '1s', from, bar)
      candles.push(candle)
      last = candle.close
    }
    return candles
  }

  return {
    instrument,
    originAt,
    minute: (openTime) => breakInto(live, openTime, true),
    history(timeframe, until, limit) {
      const wanted = Math.max(0, Math.floor(limit))
      const end = openTimeOf(timeframe, until)
      let start = end
      for (let count = 0; count < wanted && start > originAt; count += 1) start = openTimeOf(timeframe, start - 1)
      if (start < originAt) start = closeTimeOf(timeframe, start)
      const candles: Candle[] = []
      if (timeframe === '1s') {
        // A second's candle may need the price before its minute, so the market's first minute stays out.
        const first = Math.max(openTimeOf('1m', start), originAt + minuteMs)
        for (let minute = first; minute < end; minute += minuteMs) {
          for (const candle of seconds(minute))
            if (candle.openTime >= start && candle.closeTime <= end) candles.push(candle)
        }
        return candles
      }
      for (let open = start; open < end; open = closeTimeOf(timeframe, open)) {
        candles.push(merge(symbol, timeframe, open, minutes))
      }
      return candles
    },
  }
}

export interface GenerateCandlesOptions {
  /** `BTC/USDT` when absent. */
  readonly symbol?: string
  /** A minute or longer; `1m` when absent. */
  readonly timeframe?: Exclude<Timeframe, '1s'>
  /** The first candle opens at the first full bar from here on; 2024-01-01 when absent. */
  readonly startAt?: number
}

/**
 * Candles of a generated market, for training and for examples. Take another seed than the one you will trade on.
 *
 * @example
 * generateCandles(100, 500).count // => 500
 */
export function generateCandles(
  seed: number | string,
  count: number,
  options: GenerateCandlesOptions = {},
): CandleColumns {
  const { symbol = 'BTC/USDT', timeframe = '1m', startAt = Date.UTC(2024, 0, 1) } = options
  const instrument = paperInstrument(seed, symbol, { maker: '0', taker: '0' })
  const market = createMarketGenerator({ seed, symbol, originAt: startAt, ticksPerMinute: 12, instrument })
  let openTime = openTimeOf(timeframe, startAt + timeframeMs(timeframe) - 1)
  const column = () => new Float64Array(count)
  const columns = {
    symbol,
    timeframe,
    count,
    openTime: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    tradeCount: column(),
    sides: null,
  }
  for (let index = 0; index < count; index += 1) {
    const closeTime = closeTimeOf(timeframe, openTime)
    const candle = market.history(timeframe, closeTime, 1)[0] as Candle
    columns.openTime[index] = openTime
    columns.open[index] = candle.open
    columns.high[index] = candle.high
    columns.low[index] = candle.low
    columns.close[index] = candle.close
    columns.volume[index] = candle.volume
    columns.tradeCount[index] = candle.tradeCount
    openTime = closeTime
  }
  return columns
}

function sumTrades(bar: MinuteBar, ticks: MinuteTicks, from: number, to: number): void {
  const prices = ticks.tradePrice
  const open = prices[from]!
  let high = open
  let low = open
  let volume = 0
  for (let index = from; index < to; index += 1) {
    const price = prices[index]!
    if (price > high) high = price
    if (price < low) low = price
    volume += ticks.tradeQuantity[index]!
  }
  bar.open = open
  bar.high = high
  bar.low = low
  bar.close = prices[to - 1]!
  bar.volume = volume
  bar.tradeCount = to - from
}

function merge(symbol: string, timeframe: Timeframe, openTime: number, minutes: MinuteBars): Candle {
  const closeTime = closeTimeOf(timeframe, openTime)
  const whole = { ...minutes.at(openTime) }
  for (let at = openTime + minuteMs; at < closeTime; at += minuteMs) {
    const { high, low, close, volume, tradeCount } = minutes.at(at)
    if (high > whole.high) whole.high = high
    if (low < whole.low) whole.low = low
    whole.close = close
    whole.volume += volume
    whole.tradeCount += tradeCount
  }
  return candleOf(symbol, timeframe, openTime, whole)
}

/** A slot without trades is one that repeats the last price. */
function candleOf(symbol: string, timeframe: Timeframe, openTime: number, bar: MinuteBar): Candle {
  return {
    symbol,
    timeframe,
    openTime,
    closeTime: closeTimeOf(timeframe, openTime),
    ...bar,
    isFinal: true,
    provenance: bar.tradeCount === 0 ? 'synthetic' : 'live',
    revision: 0,
  }
}
