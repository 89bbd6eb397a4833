import { type Candle, closeTimeOf, createRandom } from '@barfinex/core'
import { describe, expect, test } from 'vitest'
import { marketCharacter } from './market-character.js'
import { createMarketGenerator, generateCandles } from './market-generator.js'
import { MarketPath } from './market-path.js'
import { paperInstrument } from './paper-instrument.js'

const minuteMs = 60_000
const startAt = Date.UTC(2024, 0, 10)

function given(seed: number, symbol = 'BTC/USDT', originAt = Date.UTC(2024, 0, 8)) {
  const instrument = paperInstrument(seed, symbol, { maker: '2', taker: '5' })
  return createMarketGenerator({ seed, symbol, originAt, ticksPerMinute: 12, instrument })
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const ma = mean(a)
  const mb = mean(b)
  let ab = 0
  let aa = 0
  let bb = 0
  for (let index = 0; index < a.length; index += 1) {
    const da = (a[index] as number) - ma
    const db = (b[index] as number) - mb
    ab += da * db
    aa += da * da
    bb += db * db
  }
  return ab / Math.sqrt(aa * bb)
}

const lagged = (values: readonly number[], lag: number) => correlation(values.slice(0, -lag), values.slice(lag))

function returnsOf(close: ArrayLike<number>): readonly number[] {
  return Array.from({ length: close.length - 1 }, (_, index) =>
    Math.log((close[index + 1] as number) / (close[index] as number)),
  )
}

describe('a generated market', () => {
  test('is the same for the same seed, whatever is asked first', () => {
    const one = given(7)
    const other = given(7)
    other.history('1h', startAt + 7_200_000, 30)
    other.minute(startAt + 90 * minuteMs)
    for (let index = 0; index < 20; index += 1) {
      const a = one.minute(startAt + index * minuteMs)
      const b = other.minute(startAt + index * minuteMs)
      expect(b.count).toBe(a.count)
      expect(Array.from(b.bid.subarray(0, b.count))).toEqual(Array.from(a.bid.subarray(0, a.count)))
      expect(Array.from(b.tradePrice.subarray(0, b.tradeCount))).toEqual(
        Array.from(a.tradePrice.subarray(0, a.tradeCount)),
      )
    }
    const different = given(8).minute(startAt)
    expect(different.bid[0]).not.toBe(one.minute(startAt).bid[0])
  })

  test('rises in time, never crosses, and prints inside its quotes, on the grid', () => {
    const market = given(3, 'ETH/USDT:USDT')
    let last = startAt
    for (let minute = 0; minute < 200; minute += 1) {
      const openTime = startAt + minute * minuteMs
      const ticks = market.minute(openTime)
      expect(ticks.count).toBeGreaterThanOrEqual(6)
      for (let index = 0; index < ticks.count; index += 1) {
        const at = ticks.at[index] as number
        expect(at).toBeGreaterThanOrEqual(last)
        expect(at).toBeLessThan(openTime + minuteMs)
        last = at
        const bid = ticks.bid[index] as number
        const ask = ticks.ask[index] as number
        expect(bid).toBeLessThan(ask)
        expect(Number((bid * 1_000).toFixed(6)) % 1).toBe(0)
        expect(ticks.bidQuantity[index]).toBeGreaterThan(0)
        const from = ticks.firstTrade[index] as number
        const to = ticks.firstTrade[index + 1] as number
        expect(to).toBeGreaterThan(from)
        for (let trade = from; trade < to; trade += 1) {
          expect(ticks.tradePrice[trade]).toBe(ticks.tradeIsBuy[trade] === 1 ? ask : bid)
          expect(ticks.tradeQuantity[trade]).toBeGreaterThan(0)
        }
      }
    }
  })

  test('remembers candles that agree with its ticks, in every timeframe', () => {
    const market = given(11)
    const until = startAt + 3 * 3_600_000 + 25 * minuteMs + 30_000
    const minutes = market.history('1m', until, 1_000_000)
    expect(minutes).toHaveLength(2 * 1_440 + 205)
    for (const candle of minutes.slice(-30)) {
      const ticks = market.minute(candle.openTime)
      const prices = Array.from(ticks.tradePrice.subarray(0, ticks.tradeCount))
      const [open, close] = [prices[0], prices.at(-1)]
      expect(candle).toMatchObject({ open, close, high: Math.max(...prices), low: Math.min(...prices) })
      expect(candle.tradeCount).toBe(ticks.tradeCount)
    }
    const whole = (parts: readonly Candle[], candle: Candle) => {
      const inside = parts.filter((it) => it.openTime >= candle.openTime && it.closeTime <= candle.closeTime)
      expect(candle.open).toBe(inside[0]?.open)
      expect(candle.close).toBe(inside.at(-1)?.close)
      expect(candle.high).toBe(Math.max(...inside.map((it) => it.high)))
      expect(candle.low).toBe(Math.min(...inside.map((it) => it.low)))
      expect(candle.volume).toBeCloseTo(
        inside.reduce((sum, it) => sum + it.volume, 0),
        6,
      )
    }
    for (const timeframe of ['5m', '1h', '4h', '1d'] as const) {
      const candles = market.history(timeframe, until, 9)
      expect(candles.length).toBeGreaterThan(1)
      expect(candles.at(-1)?.closeTime).toBeLessThanOrEqual(until)
      for (const [index, candle] of candles.entries()) {
        expect(candle.closeTime).toBe(closeTimeOf(timeframe, candle.openTime))
        if (index > 0) expect(candle.openTime).toBe(candles[index - 1]?.closeTime)
        whole(minutes, candle)
      }
    }
    const seconds = market.history('1s', until, 90)
    expect(seconds).toHaveLength(90)
    expect(seconds.at(-1)?.closeTime).toBe(until)
    whole(seconds, minutes.at(-1) as Candle)
  })

  test('has nothing before its origin', () => {
    const market = given(1)
    expect(market.history('1d', market.originAt, 5)).toEqual([])
    expect(market.history('1h', market.originAt + 3 * 3_600_000, 100)).toHaveLength(3)
  })

  test('clusters its volatility and drifts a little, as its character says', () => {
    let drift = 0
    let cluster = 0
    let share = 0
    const seeds = 30
    for (let seed = 0; seed < seeds; seed += 1) {
      const character = marketCharacter(`statistics-${seed}`, 'BTC/USDT')
      const path = new MarketPath(`statistics-${seed}`, character, 0)
      const prices: number[] = []
      for (let day = 0; day < 90; day += 1) {
        const { mid } = path.day(day)
        for (let hour = 0; hour < 24; hour += 1) prices.push(mid[hour * 60] as number)
      }
      const hours = returnsOf(prices)
      drift += lagged(hours, 1) / seeds
      cluster += lagged(hours.map(Math.abs), 1) / seeds
      share += character.trendShare / seeds
    }
    // The drift decays within the hour and jumps dilute it; the noise of the mean is about 0.004.
    expect(drift).toBeGreaterThan(share / 3)
    expect(drift).toBeLessThan(share * 1.3)
    expect(cluster).toBeGreaterThan(0.1)
  })

  test('draws characters within their bounds, different for each seed and symbol', () => {
    const random = createRandom('characters')
    const starts = new Set<number>()
    for (let index = 0; index < 100; index += 1) {
      const character = marketCharacter(random.integer(1_000_000), index % 2 === 0 ? 'BTC/USDT' : 'XYZ/EUR')
      starts.add(character.startPrice)
      expect(character.trendShare).toBeGreaterThanOrEqual(0.04)
      expect(character.trendShare).toBeLessThanOrEqual(0.12)
      expect(character.persistence).toBeLessThan(1)
      expect(character.shock).toBeLessThan(character.persistence)
    }
    expect(starts.size).toBe(100)
  })

  test('widens its spread when it is wild', () => {
    const market = given(5, 'BTC/USDT', Date.UTC(2023, 11, 1))
    const spreads: number[] = []
    const ranges: number[] = []
    for (let minute = 0; minute < 3_000; minute += 1) {
      const ticks = market.minute(startAt + minute * minuteMs)
      let sum = 0
      for (let index = 0; index < ticks.count; index += 1)
        sum += (ticks.ask[index] as number) - (ticks.bid[index] as number)
      spreads.push(sum / ticks.count)
      const prices = ticks.tradePrice.subarray(0, ticks.tradeCount)
      ranges.push(Math.max(...prices) - Math.min(...prices))
    }
    expect(correlation(spreads, ranges)).toBeGreaterThan(0.3)
  })
})

test('candles for training have the length, the order and the timeframe that were asked for', () => {
  const columns = generateCandles(100, 500, { symbol: 'SOL/USDT', timeframe: '5m' })
  expect(columns.count).toBe(500)
  expect(columns.openTime[0]).toBe(Date.UTC(2024, 0, 1))
  expect((columns.openTime[499] as number) - (columns.openTime[0] as number)).toBe(499 * 300_000)
  for (let index = 0; index < 500; index += 1) {
    expect(columns.low[index]).toBeLessThanOrEqual(
      Math.min(columns.open[index] as number, columns.close[index] as number),
    )
    expect(columns.high[index]).toBeGreaterThanOrEqual(
      Math.max(columns.open[index] as number, columns.close[index] as number),
    )
  }
})
