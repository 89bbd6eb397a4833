import type { Random } from '@barfinex/core'
import { defaultShrinkage } from '../../calibration/fit-maps.js'
import { applyMap, fitMap, identityMap, type LogisticMap } from '../../calibration/logistic-map.js'
import { pointLogLoss, sigmoid } from '../../calibration/metrics.js'
import { featureCount } from '../feature-schema.js'
import type { ConvictionGraph } from '../onnx/conviction-graph.js'
import { evaluatorOf } from '../onnx/evaluate.js'
import { type ForecastQuality, type Forecasts, forecastQuality } from './forecast-quality.js'
import { trainLogistic } from './train-logistic.js'
import { defaultTreeOptions, type TreeOptions, trainTrees } from './train-trees.js'
import { rowsOf, type TrainingSet } from './training-set.js'
import { splitOnce, walkForward } from './walk-forward.js'

/** The kinds of model that compete. */
export const modelKinds = ['linear', 'trees'] as const
export type ModelKind = (typeof modelKinds)[number]

/** How models are trained and compared. */
export interface TrainingOptions {
  readonly foldCount: number
  /** Time between the last training label and the first test row: the labels' horizon. */
  readonly embargoMs: number
  /** Share of the training rows that fit the model; the later rest fits the calibration. */
  readonly fitShare: number
  readonly trees: TreeOptions
}

export const defaultTrainingOptions: Omit<TrainingOptions, 'embargoMs'> = {
  foldCount: 8,
  fitShare: 0.75,
  trees: defaultTreeOptions,
}

/** One model with the map that was fitted on later rows than it was. */
export interface FittedModel {
  readonly graph: ConvictionGraph
  readonly map: LogisticMap
  /** Win rate of all rows it saw. */
  readonly baseRate: number
}

/** Fits a model on the earlier rows of a set and its calibration on the later ones. */
export function fitModel(set: TrainingSet, kind: ModelKind, random: Random, options: TrainingOptions): FittedModel {
  const { train, test } = splitOnce(set, options.fitShare, options.embargoMs)
  const rows = { ...rowsOf(set, train), width: featureCount }
  const graph = kind === 'linear' ? trainLogistic(rows) : trainTrees(rows, random, options.trees)
  const kept = rowsOf(set, test)
  const sample = { z: logitsOf(graph, kept), y: kept.won, weight: new Float64Array(kept.rowCount).fill(1) }
  const map = fitMap(sample, identityMap, defaultShrinkage.globalPseudoCount)
  let won = 0
  for (const y of set.won) won += y
  return { graph, map, baseRate: (won + 0.5) / (set.rowCount + 1) }
}

/** Raw and calibrated forecasts of a fitted model. */
export function forecast(
  model: FittedModel,
  set: TrainingSet,
): { readonly raw: Forecasts; readonly served: Forecasts } {
  const logits = logitsOf(model.graph, set)
  const { won, resultR } = set
  const constant = new Float64Array(set.rowCount).fill(model.baseRate)
  const served = logits.map((z) => applyMap(model.map, z))
  return { raw: { p: logits.map(sigmoid), constant, won, resultR }, served: { p: served, constant, won, resultR } }
}

/** How one kind of model did on rows it had not seen. */
export interface KindReport {
  readonly raw: ForecastQuality
  readonly served: ForecastQuality
}

/** A comparison of the kinds on the same unseen rows. */
export interface ValidationReport {
  readonly linear: KindReport
  readonly trees: KindReport
  /** Mean logarithmic loss of the linear model less that of the trees, after calibration, and its standard error. */
  readonly treeGain: { readonly mean: number; readonly standardError: number }
  /** `linear`, unless trees are better by more than one standard error. */
  readonly chosen: ModelKind
}

/** Compares both kinds of model by walking forward. */
export function validate(set: TrainingSet, random: Random, options: TrainingOptions): ValidationReport {
  const folds = walkForward(set, options.foldCount, options.embargoMs)
  const all = (kind: ModelKind) =>
    folds.map(({ train, test }, fold) => {
      const model = fitModel(rowsOf(set, train), kind, random.fork(`${kind}/${fold}`), options)
      return forecast(model, rowsOf(set, test))
    })
  const forecasts = { linear: all('linear'), trees: all('trees') }
  const served = (kind: ModelKind) => joined(forecasts[kind].map((fold) => fold.served))
  const report = (kind: ModelKind): KindReport => ({
    raw: forecastQuality(joined(forecasts[kind].map((fold) => fold.raw)), random.fork('floor')),
    served: forecastQuality(served(kind), random.fork('floor')),
  })
  const treeGain = gainOf(served('linear'), served('trees'))
  return {
    linear: report('linear'),
    trees: report('trees'),
    treeGain,
    chosen: treeGain.mean > treeGain.standardError ? 'trees' : 'linear',
  }
}

function logitsOf(graph: ConvictionGraph, set: TrainingSet): Float64Array {
  const evaluate = evaluatorOf(graph)
  return Float64Array.from({ length: set.rowCount }, (_, row) =>
    evaluate(set.features.subarray(row * featureCount, (row + 1) * featureCount)),
  )
}

function joined(parts: readonly Forecasts[]): Forecasts {
  const column = (pick: (part: Forecasts) => Float64Array) =>
    Float64Array.from(parts.flatMap((part) => Array.from(pick(part))))
  return {
    p: column((part) => part.p),
    constant: column((part) => part.constant),
    won: column((part) => part.won),
    resultR: column((part) => part.resultR),
  }
}

function gainOf(linear: Forecasts, trees: Forecasts): ValidationReport['treeGain'] {
  const gains = linear.p.map((p, row) => {
    const won = linear.won[row] === 1
    return pointLogLoss(p, won) - pointLogLoss(trees.p[row]!, won)
  })
  let mean = 0
  for (const gain of gains) mean += gain / gains.length
  let variance = 0
  for (const gain of gains) variance += (gain - mean) ** 2 / Math.max(1, gains.length - 1)
  return { mean, standardError: Math.sqrt(variance / gains.length) }
}
