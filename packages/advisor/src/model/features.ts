import { BarfinexError, type CandleColumns, type Direction } from '@barfinex/core'
import { featureCount, featureSchema } from './feature-schema.js'
import { deviationOf, exponentialMean, meanOf, rankOfLast, wilderMean } from './window-statistics.js'

/** Closes of a higher timeframe, oldest first, with the instants at which they became known. */
export interface HigherCloses {
  readonly length: number
  /** First millisecond after each bar: its close may be seen from then on. */
  readonly closeTime: Float64Array
  readonly close: Float64Array
}

/** Everything a feature vector is made of. Anything later than candle `index` is never read. */
export interface FeatureInput {
  /** Closed candles, oldest first; mid prices where bid and ask are known. */
  readonly candles: CandleColumns
  /** The judged candle: closed, and with at least {@link featureSchema}.lookback − 1 before it. */
  readonly index: number
  readonly direction: Direction
  /** Ask less bid at the close, in quote. */
  readonly spread: number
  /** Close time of the judged candle, milliseconds UTC. Bars of higher timeframes that closed later are not seen. */
  readonly asOf: number
  readonly higher: readonly HigherCloses[]
  /** The strategy's last resolved signals, at most 30. */
  readonly resolved: { readonly wonCount: number; readonly count: number }
}

const { lookback, higherLookback } = featureSchema
/** Index of the judged candle inside the window. */
const last = lookback - 1
const dayMs = 86_400_000

/**
 * Computes the feature vector of one candle, in the order of {@link featureSchema}. Live decisions and training call
 * this same function.
 *
 * Only the last 520 candles are read, so the result does not depend on how much history is kept, bit for bit. A value
 * without meaning, such as a return over no volatility, is NaN: the guard before the model refuses it.
 *
 * @throws BarfinexError `history.too-short` when fewer candles are given.
 */
export function computeFeatures(input: FeatureInput): Float32Array {
  const { candles, index } = input
  const start = index - last
  if (start < 0 || index >= candles.length) {
    throw new BarfinexError(
      'history.too-short',
      `Features of candle ${index} need ${lookback} closed candles up to it; there are ${Math.min(index + 1, candles.length)}. Warm up with more history.`,
      { details: { need: lookback, have: Math.min(index + 1, candles.length) } },
    )
  }
  const sign = input.direction === 'long' ? 1 : -1
  const log = logPrices(candles, start)
  const returns = new Float64Array(lookback)
  for (let i = 1; i < lookback; i += 1) returns[i] = log.close[i]! - log.close[i - 1]!
  const trueRanges = trueRangesOf(log)

  const close = log.close[last]!
  const high = log.high[last]!
  const low = log.low[last]!
  const bodyTop = Math.max(log.open[last]!, close)
  const bodyBottom = Math.min(log.open[last]!, close)
  const atr = wilderMean(trueRanges, 1, last, 14)
  const deviations = new Float64Array(500)
  for (let i = 0; i < 500; i += 1) deviations[i] = deviationOf(returns, last - 499 + i, 20)
  const deviation = deviations[499]!
  const ema8 = exponentialMean(log.close, last, 8)
  const ema21 = exponentialMean(log.close, last, 21)
  const ema55 = exponentialMean(log.close, last, 55)
  const closeDeviation = deviationOf(log.close, last, 20)
  const volume = candles.volume.subarray(start, index + 1)
  const volumeDeviation = deviationOf(volume, last, 50)
  const moved = (bars: number) => (sign * (close - log.close[last - bars]!)) / (deviation * Math.sqrt(bars))
  const dayShare = (2 * Math.PI * (input.asOf % dayMs)) / dayMs

  const features = Float32Array.of(
    moved(1),
    moved(3),
    moved(12),
    moved(48),
    moved(200),
    (sign * (close - ema21)) / atr,
    (sign * (close - ema55)) / atr,
    (sign * (close - exponentialMean(log.close, last, 200))) / atr,
    (sign * (ema8 - ema21)) / atr,
    (sign * (ema21 - ema55)) / atr,
    (sign * (ema55 - exponentialMean(log.close, last - 8, 55))) / atr,
    sign * relativeStrength(returns, 14),
    sign * relativeStrength(returns, 5),
    (sign * (close - meanOf(log.close, last, 20))) / closeDeviation,
    (4 * closeDeviation) / atr,
    deviation / deviationOf(returns, last, 100),
    rankOfLast(deviations),
    parkinson(log, 20) / deviation,
    100 * atr,
    trueRanges[last]! / atr,
    efficiency(returns, 48),
    autocorrelation(returns, 48),
    high > low ? (sign * (2 * close - high - low)) / (high - low) : 0,
    (sign > 0 ? high - bodyTop : bodyBottom - low) / atr,
    (sign > 0 ? bodyBottom - low : high - bodyTop) / atr,
    sign * positionInRange(log, 20),
    input.spread / candles.close[index]! / atr,
    volumeDeviation > 0 ? (volume[last]! - meanOf(volume, last, 50)) / volumeDeviation : 0,
    Math.sin(dayShare),
    Math.cos(dayShare),
    (input.resolved.wonCount + 8) / (input.resolved.count + 20),
    sign * higherTrend(input.higher, input.asOf),
    meanOf(volume, last, 50) > 0 ? 1 : 0,
  )
  if (features.length !== featureCount) throw new RangeError('The feature vector and its schema differ in length.')
  return features
}

interface LogPrices {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
}

function logPrices(candles: CandleColumns, start: number): LogPrices {
  const end = start + lookback
  return {
    open: candles.open.slice(start, end).map(Math.log),
    high: candles.high.slice(start, end).map(Math.log),
    low: candles.low.slice(start, end).map(Math.log),
    close: candles.close.slice(start, end).map(Math.log),
  }
}

/** Index 0 has no close before it and stays 0; Wilder's mean starts at index 1. */
function trueRangesOf({ high, low, close }: LogPrices): Float64Array {
  const ranges = new Float64Array(lookback)
  for (let i = 1; i < lookback; i += 1) {
    ranges[i] = Math.max(high[i]!, close[i - 1]!) - Math.min(low[i]!, close[i - 1]!)
  }
  return ranges
}

/** Wilder's RSI, moved to [-1, 1]: (gains − losses)/(gains + losses); 0 where nothing moved. */
function relativeStrength(returns: Float64Array, period: number): number {
  const gain = wilderMean(
    returns.map((value) => Math.max(0, value)),
    1,
    last,
    period,
  )
  const loss = wilderMean(
    returns.map((value) => Math.max(0, -value)),
    1,
    last,
    period,
  )
  return gain + loss > 0 ? (gain - loss) / (gain + loss) : 0
}

/** Volatility per bar from high and low: √(mean ln(h/l)² / (4 ln 2)), Parkinson (1980). */
function parkinson({ high, low }: LogPrices, count: number): number {
  let squares = 0
  for (let i = last - count + 1; i <= last; i += 1) squares += (high[i]! - low[i]!) ** 2
  return Math.sqrt(squares / count / (4 * Math.LN2))
}

function efficiency(returns: Float64Array, count: number): number {
  let net = 0
  let path = 0
  for (let i = last - count + 1; i <= last; i += 1) {
    net += returns[i]!
    path += Math.abs(returns[i]!)
  }
  return path > 0 ? Math.abs(net) / path : 0
}

function autocorrelation(returns: Float64Array, count: number): number {
  const mean = meanOf(returns, last, count)
  let product = 0
  let squares = 0
  for (let i = last - count + 1; i <= last; i += 1) {
    squares += (returns[i]! - mean) ** 2
    if (i > last - count + 1) product += (returns[i]! - mean) * (returns[i - 1]! - mean)
  }
  return squares > 0 ? product / squares : 0
}

/** Where the close stands between the lowest low (−1) and the highest high (1) of `count` bars. */
function positionInRange({ high, low, close }: LogPrices, count: number): number {
  let top = Number.NEGATIVE_INFINITY
  let bottom = Number.POSITIVE_INFINITY
  for (let i = last - count + 1; i <= last; i += 1) {
    top = Math.max(top, high[i]!)
    bottom = Math.min(bottom, low[i]!)
  }
  return top > bottom ? (2 * close[last]! - top - bottom) / (top - bottom) : 0
}

/** Mean sign of the trend over the higher timeframes; one with too few closed bars counts as neutral. */
function higherTrend(higher: readonly HigherCloses[], asOf: number): number {
  if (higher.length === 0) return 0
  let sum = 0
  for (const frame of higher) {
    const visible = countKnown(frame, asOf)
    if (visible < higherLookback) continue
    const closes = frame.close.slice(visible - higherLookback, visible).map(Math.log)
    sum += Math.sign(exponentialMean(closes, higherLookback - 1, 8) - exponentialMean(closes, higherLookback - 1, 21))
  }
  return sum / higher.length
}

/** Bars that had closed by `asOf`: the first closing time beyond it, by bisection. */
function countKnown({ closeTime, length }: HigherCloses, asOf: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (closeTime[middle]! <= asOf) low = middle + 1
    else high = middle
  }
  return low
}
