import type { CandleColumns, Direction, Reason, Signal } from '@barfinex/core'
import type { Gates } from '../gates.js'
import type { MarketSnapshot } from '../market/market-snapshot.js'
import { deviationOf, exponentialMean, meanOf, wilderMean } from '../model/window-statistics.js'
import type { Context } from './1-context.js'
import { failed, rounded, type StageResult } from './stage.js'

export type SubScore = 'trend' | 'momentum' | 'stretch' | 'volatility' | 'cost' | 'structure'

/** The advisor's own view of the trade, made without the strategy's. */
export interface Score {
  /** In [-1, 1]: the weighted mean of the sub-scores. */
  readonly score: number
  readonly parts: Readonly<Record<SubScore, number>>
  /** ATR(14) over price. */
  readonly atrShare: number
}

/** Weights of the sub-scores; they add up to 1. */
export const scoreWeights: Readonly<Record<SubScore, number>> = {
  trend: 0.25,
  momentum: 0.2,
  stretch: 0.15,
  volatility: 0.15,
  cost: 0.15,
  structure: 0.1,
}

/**
 * Stage 3: would this be a sensible trade if nobody had proposed it?
 *
 * Works on logarithms of prices, so it does not change when prices are scaled, nor when market and direction are mirrored
 * together; it falls with the spread.
 */
export function scoreStage(
  snapshot: MarketSnapshot,
  context: Context,
  signal: Signal,
  gates: Gates,
): StageResult<Score> {
  const found = scoreOf(snapshot, context, signal)
  const reasons: Reason[] = !(found.score >= gates.minScore)
    ? [failed('advisor.score.too-low', 'The market does not support the trade.', gates.minScore, rounded(found.score))]
    : []
  const measured = Object.fromEntries(Object.entries(found.parts).map(([name, value]) => [name, rounded(value)]))
  return {
    status: reasons.length > 0 ? 'rejected' : 'ok',
    reasons,
    measured: { ...measured, score: rounded(found.score) },
    limits: { score: gates.minScore },
    found,
  }
}

/** The score without the gate. */
export function scoreOf(snapshot: MarketSnapshot, { candles, quote }: Context, signal: Signal): Score {
  const sign = signal.direction === 'long' ? 1 : -1
  const last = candles.length - 1
  const log = candles.close.map(Math.log)
  const atr = atrOf(candles)
  const price = log[last] as number
  const deviation = deviationOf(log, last, 20)
  const parts: Record<SubScore, number> = {
    trend: trendOf(snapshot, log, sign),
    momentum: atr > 0 ? bounded((sign * (price - (log[last - 12] as number))) / (atr * Math.sqrt(12))) : 0,
    // Far beyond the mean in the trade's own direction is late; far on the other side is early, and both cost.
    stretch: deviation > 0 ? 1 - Math.min(2, Math.abs((price - meanOf(log, last, 20)) / deviation) / 1.5) : 0,
    volatility: volatilityFit(signal, atr),
    cost: bounded(
      1 - (2 * Math.log(quote.ask / quote.bid)) / (0.1 * Math.abs(Math.log(signal.price / signal.stopPrice))),
    ),
    structure: structureOf(candles, log, signal.direction),
  }
  const score = (Object.keys(scoreWeights) as SubScore[]).reduce(
    (sum, name) => sum + scoreWeights[name] * parts[name],
    0,
  )
  return { score, parts, atrShare: atr }
}

/** ATR(14), Wilder, of logarithmic prices: nearly ATR over price. */
export function atrOf(candles: CandleColumns): number {
  const last = candles.length - 1
  const ranges = new Float64Array(candles.length)
  for (let index = 1; index <= last; index += 1) {
    const before = candles.close[index - 1] as number
    ranges[index] =
      Math.log(Math.max(candles.high[index] as number, before)) -
      Math.log(Math.min(candles.low[index] as number, before))
  }
  return wilderMean(ranges, Math.max(1, last - 200), last, 14)
}

/** Agreement of the trend on the signal's timeframe and the longer ones, in [-1, 1]. */
function trendOf(snapshot: MarketSnapshot, log: Float64Array, sign: number): number {
  const last = log.length - 1
  const signs = [Math.sign(exponentialMean(log, last, 21) - exponentialMean(log, last, 55))]
  for (const frame of snapshot.higher) {
    if (frame.length < 42) continue
    const closes = frame.close.map(Math.log)
    signs.push(Math.sign(exponentialMean(closes, frame.length - 1, 8) - exponentialMean(closes, frame.length - 1, 21)))
  }
  return (sign * signs.reduce((sum, it) => sum + it, 0)) / signs.length
}

/** 1 when the stop is one to three ATR away, less the further it is from that. */
function volatilityFit(signal: Signal, atr: number): number {
  const distance = Math.abs(Math.log(signal.price / signal.stopPrice)) / atr
  if (distance < 1) return bounded(2 * distance - 1)
  return distance <= 3 ? 1 : bounded(1 - (distance - 3) / 2)
}

/** Room to the next swing in the trade's direction against the room behind it, over 100 bars, in [-1, 1]. */
function structureOf(candles: CandleColumns, log: Float64Array, direction: Direction): number {
  const last = candles.length - 1
  let top = Number.NEGATIVE_INFINITY
  let bottom = Number.POSITIVE_INFINITY
  for (let index = Math.max(0, last - 99); index <= last; index += 1) {
    top = Math.max(top, Math.log(candles.high[index] as number))
    bottom = Math.min(bottom, Math.log(candles.low[index] as number))
  }
  if (!(top > bottom)) return 0
  const price = log[last] as number
  const roomUp = (top - price) / (top - bottom)
  return direction === 'long' ? 2 * roomUp - 1 : 1 - 2 * roomUp
}

function bounded(value: number): number {
  return Math.max(-1, Math.min(1, value))
}
