import { type Candle, closeTimeOf, createRandom, openTimeOf, type Timeframe } from '@barfinex/core'

export interface WalkOptions {
  readonly symbol?: string
  readonly timeframe?: Timeframe
  readonly startAt?: number
  /** Standard deviation of a bar's log return. */
  readonly volatility?: number
  /** Log drift per bar. */
  readonly drift?: number
}

/**
 * Closed candles of a seeded random walk, for trying a strategy without an exchange. The same seed gives the same candles.
 *
 * @example
 * const candles = walk(7, 500, { timeframe: '5m' })
 */
export function walk(seed: number, count: number, options: WalkOptions = {}): Candle[] {
  const { symbol = 'BTC/USDT', timeframe = '1m', startAt = 1_704_067_200_000, volatility = 0.002, drift = 0 } = options
  const random = createRandom(seed)
  const candles: Candle[] = []
  let openTime = openTimeOf(timeframe, startAt)
  let price = 100
  for (let index = 0; index < count; index += 1) {
    const open = price
    const close = open * Math.exp(drift + volatility * random.normal())
    const closeTime = closeTimeOf(timeframe, openTime)
    candles.push({
      symbol,
      timeframe,
      openTime,
      closeTime,
      open,
      high: Math.max(open, close) * (1 + volatility * 0.5 * random.next()),
      low: Math.min(open, close) * (1 - volatility * 0.5 * random.next()),
      close,
      volume: 1 + 99 * random.next(),
      tradeCount: 10,
      isFinal: true,
      provenance: 'live',
      revision: 0,
    })
    openTime = closeTime
    price = close
  }
  return candles
}

/** Closed candles of a longer timeframe from whole bars of a shorter one; an unfinished last bar is left out. */
export function lengthen(candles: readonly Candle[], timeframe: Timeframe): Candle[] {
  const groups = new Map<number, Candle[]>()
  for (const candle of candles) {
    const openTime = openTimeOf(timeframe, candle.openTime)
    groups.set(openTime, [...(groups.get(openTime) ?? []), candle])
  }
  return [...groups].flatMap(([openTime, group]) => {
    const first = group[0]
    const last = group.at(-1)
    const closeTime = closeTimeOf(timeframe, openTime)
    if (first === undefined || last === undefined || first.openTime !== openTime || last.closeTime !== closeTime)
      return []
    return [
      {
        ...first,
        timeframe,
        openTime,
        closeTime,
        high: Math.max(...group.map((it) => it.high)),
        low: Math.min(...group.map((it) => it.low)),
        close: last.close,
        volume: group.reduce((sum, it) => sum + it.volume, 0),
      },
    ]
  })
}
