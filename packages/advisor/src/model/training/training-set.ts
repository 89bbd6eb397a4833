import { createHash } from 'node:crypto'
import { BarfinexError, type CandleColumns, type Direction } from '@barfinex/core'
import { emptyTrackRecord, hitRateOf, recordResult } from '../../calibration/track-record.js'
import { type RegimeReading, regimes } from '../../regime/regime.js'
import { createRegimeClassifier } from '../../regime/regime-classifier.js'
import { featureCount, featureSchema } from '../feature-schema.js'
import { computeFeatures, type HigherCloses } from '../features.js'
import { defaultLabelOptions, type LabelOptions, labelSignal } from './label.js'
import { sampleWeights } from './sample-weights.js'

/** A signal of the past, to be labelled and learned from. */
export interface PastSignal {
  /** The judged candle. */
  readonly index: number
  readonly direction: Direction
  readonly strategyId: string
  /** ATR14 at the judged candle, in quote. */
  readonly atr: number
  readonly stopPrice?: number
  readonly targetPrice?: number
}

/** One market's history with its signals. */
export interface TrainingSeries {
  readonly candles: CandleColumns
  readonly barMs: number
  /** Ask less bid at each close, in quote. */
  readonly spread: Float64Array
  /** In order of their index. */
  readonly signals: readonly PastSignal[]
}

/** Labelled rows in columns, in order of the judged candle's close. */
export interface TrainingSet {
  readonly rowCount: number
  /** Feature vectors, row after row. */
  readonly features: Float32Array
  /** 1 for a win after costs, else 0. */
  readonly won: Float64Array
  readonly resultR: Float64Array
  /** For fitting a model; its forecasts are judged and calibrated with equal weights, as each counts once when served. */
  readonly weight: Float64Array
  /** Close of the judged candle, milliseconds UTC: the features are known then. */
  readonly knownAt: Float64Array
  /** Close of the candle that resolved the label: the label is known then, and not before. */
  readonly resolvedAt: Float64Array
  /** Index into `regimes`, at the judged candle. */
  readonly regime: Uint8Array
  /** SHA-256 of each series' prices. */
  readonly dataHashes: readonly string[]
}

/** Higher timeframes of a series, as multiples of its own. */
const higherFactors = [4, 16]

/**
 * Turns one market's history into labelled rows, with the very functions that decide live.
 *
 * A row sees what was known at its candle's close: the hit rate counts only signals that had been resolved by then.
 */
export function trainingSetOf(series: TrainingSeries, options: LabelOptions = defaultLabelOptions): TrainingSet {
  const { candles, barMs, spread, signals } = series
  const higher = higherFactors.map((factor) => higherCloses(candles, barMs, factor))
  const readings = regimeReadings(candles)
  const rows: { vector: Float32Array; won: number; resultR: number; start: number; end: number }[] = []
  const pending: { endIndex: number; strategyId: string; index: number; won: boolean }[] = []
  let record = emptyTrackRecord
  for (const signal of signals) {
    if (signal.index < featureSchema.lookback - 1) continue
    const label = labelSignal(candles, spread, signal, options)
    if (label === null) continue
    pending.sort((left, right) => left.endIndex - right.endIndex)
    while (pending.length > 0 && pending[0]!.endIndex <= signal.index) {
      const { strategyId, won, index } = pending.shift()!
      record = recordResult(record, { strategyId, won, regime: readings[index]!.regime })
    }
    const vector = computeFeatures({
      candles,
      index: signal.index,
      direction: signal.direction,
      spread: spread[signal.index]!,
      asOf: candles.openTime[signal.index]! + barMs,
      higher,
      resolved: hitRateOf(record, signal.strategyId),
    })
    pending.push({ endIndex: label.endIndex, strategyId: signal.strategyId, index: signal.index, won: label.won })
    if (!vector.every(Number.isFinite)) continue
    rows.push({ vector, won: label.won ? 1 : 0, resultR: label.resultR, start: signal.index, end: label.endIndex })
  }

  const features = new Float32Array(rows.length * featureCount)
  rows.forEach(({ vector }, row) => {
    features.set(vector, row * featureCount)
  })
  const closeAt = (index: number) => candles.openTime[index]! + barMs
  return {
    rowCount: rows.length,
    features,
    won: Float64Array.from(rows, ({ won }) => won),
    resultR: Float64Array.from(rows, ({ resultR }) => resultR),
    weight: sampleWeights(rows.map(({ start }) => ({ start, end: start + options.horizonBars }))),
    knownAt: Float64Array.from(rows, ({ start }) => closeAt(start)),
    resolvedAt: Float64Array.from(rows, ({ end }) => closeAt(end)),
    regime: Uint8Array.from(rows, ({ start }) => regimes.indexOf(readings[start]!.regime)),
    dataHashes: [hashOfCandles(candles)],
  }
}

/** Rows of several markets as one set, in order of time. */
export function mergeTrainingSets(sets: readonly TrainingSet[]): TrainingSet {
  const at = sets.flatMap((set, index) => Array.from({ length: set.rowCount }, (_, row) => ({ set, index, row })))
  at.sort((a, b) => a.set.knownAt[a.row]! - b.set.knownAt[b.row]! || a.index - b.index || a.row - b.row)
  const features = new Float32Array(at.length * featureCount)
  at.forEach(({ set, row }, to) => {
    features.set(set.features.subarray(row * featureCount, (row + 1) * featureCount), to * featureCount)
  })
  return {
    rowCount: at.length,
    features,
    won: Float64Array.from(at, ({ set, row }) => set.won[row]!),
    resultR: Float64Array.from(at, ({ set, row }) => set.resultR[row]!),
    weight: Float64Array.from(at, ({ set, row }) => set.weight[row]!),
    knownAt: Float64Array.from(at, ({ set, row }) => set.knownAt[row]!),
    resolvedAt: Float64Array.from(at, ({ set, row }) => set.resolvedAt[row]!),
    regime: Uint8Array.from(at, ({ set, row }) => set.regime[row]!),
    dataHashes: sets.flatMap((set) => set.dataHashes),
  }
}

/** The rows at the given positions, in their order. */
export function rowsOf(set: TrainingSet, rows: ArrayLike<number>): TrainingSet {
  const at = Array.from(rows)
  const features = new Float32Array(at.length * featureCount)
  at.forEach((row, to) => {
    features.set(set.features.subarray(row * featureCount, (row + 1) * featureCount), to * featureCount)
  })
  const pick = (column: Float64Array) => Float64Array.from(at, (row) => column[row]!)
  return {
    ...set,
    rowCount: at.length,
    features,
    won: pick(set.won),
    resultR: pick(set.resultR),
    weight: pick(set.weight),
    knownAt: pick(set.knownAt),
    resolvedAt: pick(set.resolvedAt),
    regime: Uint8Array.from(at, (row) => set.regime[row]!),
  }
}

function regimeReadings(candles: CandleColumns): readonly RegimeReading[] {
  const classifier = createRegimeClassifier()
  return Array.from({ length: candles.length }, (_, i) => classifier.update(candles.close[i]!))
}

/** Closes of bars of `factor` times the length, aligned to 00:00 UTC; a bar ends with its last candle or before a gap. */
function higherCloses(candles: CandleColumns, barMs: number, factor: number): HigherCloses {
  const span = barMs * factor
  const closeTime: number[] = []
  const close: number[] = []
  for (let i = 0; i < candles.length; i += 1) {
    const slot = Math.floor(candles.openTime[i]! / span)
    const isLast = i + 1 === candles.length || Math.floor(candles.openTime[i + 1]! / span) !== slot
    if (!isLast) continue
    // A slot whose end the history does not reach is still forming.
    if (i + 1 === candles.length && candles.openTime[i]! + barMs < (slot + 1) * span) continue
    closeTime.push((slot + 1) * span)
    close.push(candles.close[i]!)
  }
  return { length: close.length, closeTime: Float64Array.from(closeTime), close: Float64Array.from(close) }
}

function hashOfCandles({ length, openTime, open, high, low, close, volume }: CandleColumns): string {
  if (length === 0) throw new BarfinexError('history.too-short', 'There is nothing to learn from in an empty history.')
  const hash = createHash('sha256')
  for (const column of [openTime, open, high, low, close, volume]) {
    hash.update(new Uint8Array(column.buffer, column.byteOffset, length * 8))
  }
  return hash.digest('hex')
}
