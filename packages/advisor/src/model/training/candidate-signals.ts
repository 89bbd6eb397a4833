import type { CandleColumns, Direction } from '@barfinex/core'

/** A place where one of four plain, well-known rules would have fired. */
export interface CandidateSignal {
  readonly index: number
  readonly direction: Direction
  readonly strategyId: 'donchianBreak' | 'emaCross' | 'rsiReturn' | 'bollingerReturn'
  /** ATR14 (Wilder) at the candle, in quote. */
  readonly atr: number
}

/**
 * Finds signals to train on where no strategy is at hand: the close leaves the channel of the last 20 bars, EMA 8 crosses
 * EMA 21, RSI 14 comes back over 30 or under 70, the close comes back into the Bollinger band (20, 2).
 *
 * Causal: whether candle i is a signal depends on candles up to i alone.
 */
export function candidateSignals(candles: CandleColumns): readonly CandidateSignal[] {
  const { close, high, low } = candles
  const found: CandidateSignal[] = []
  let ema8 = close[0] ?? 0
  let ema21 = ema8
  let gain = 0
  let loss = 0
  let atr = 0
  let lastCross = 0
  let lastRsi = 50
  let lastBand = 0
  for (let i = 1; i < candles.length; i += 1) {
    const change = close[i]! - close[i - 1]!
    const range = Math.max(high[i]!, close[i - 1]!) - Math.min(low[i]!, close[i - 1]!)
    ema8 += (2 / 9) * (close[i]! - ema8)
    ema21 += (2 / 22) * (close[i]! - ema21)
    gain += (Math.max(0, change) - gain) / Math.min(i, 14)
    loss += (Math.max(0, -change) - loss) / Math.min(i, 14)
    atr += (range - atr) / Math.min(i, 14)
    const cross = Math.sign(ema8 - ema21)
    const rsi = gain + loss > 0 ? (100 * gain) / (gain + loss) : 50
    const band = i >= 20 ? bandOf(close, i) : 0
    const add = (strategyId: CandidateSignal['strategyId'], direction: Direction) =>
      found.push({ index: i, direction, strategyId, atr })

    if (i >= 21) {
      const broken = channelBreak(high, low, close, i)
      if (broken !== 0 && channelBreak(high, low, close, i - 1) !== broken) {
        add('donchianBreak', broken > 0 ? 'long' : 'short')
      }
      if (cross !== 0 && cross !== lastCross) add('emaCross', cross > 0 ? 'long' : 'short')
      if (lastRsi < 30 && rsi >= 30) add('rsiReturn', 'long')
      if (lastRsi > 70 && rsi <= 70) add('rsiReturn', 'short')
      if (lastBand < 0 && band === 0) add('bollingerReturn', 'long')
      if (lastBand > 0 && band === 0) add('bollingerReturn', 'short')
    }
    lastCross = cross
    lastRsi = rsi
    lastBand = band
  }
  return found
}

/** 1 when the close is above the highs of the 20 bars before, −1 when below their lows, else 0. */
function channelBreak(high: Float64Array, low: Float64Array, close: Float64Array, i: number): number {
  let top = Number.NEGATIVE_INFINITY
  let bottom = Number.POSITIVE_INFINITY
  for (let k = i - 20; k < i; k += 1) {
    top = Math.max(top, high[k]!)
    bottom = Math.min(bottom, low[k]!)
  }
  return close[i]! > top ? 1 : close[i]! < bottom ? -1 : 0
}

/** 1 above the upper band, −1 below the lower, 0 within. */
function bandOf(close: Float64Array, i: number): number {
  let mean = 0
  for (let k = i - 19; k <= i; k += 1) mean += close[k]! / 20
  let squares = 0
  for (let k = i - 19; k <= i; k += 1) squares += (close[k]! - mean) ** 2
  const reach = 2 * Math.sqrt(squares / 20)
  return close[i]! > mean + reach ? 1 : close[i]! < mean - reach ? -1 : 0
}
