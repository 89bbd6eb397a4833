import { createHash } from 'node:crypto'
import { BarfinexError, createRandom } from '@barfinex/core'
import { featureCount, featureSchema, featureSchemaHash } from '../feature-schema.js'
import { writeModelCard } from '../model-card.js'
import { writeOnnx } from '../onnx/write-onnx.js'
import { type ForecastQuality, forecastQuality } from './forecast-quality.js'
import type { LabelOptions } from './label.js'
import { trainingExtent } from './training-centres.js'
import { rowsOf, type TrainingSet } from './training-set.js'
import { fitModel, forecast, type TrainingOptions, type ValidationReport, validate } from './validate.js'
import { splitOnce } from './walk-forward.js'

/** A trained model file and the account of how good it is. */
export interface TrainedModel {
  readonly bytes: Uint8Array
  readonly report: TrainingReport
}

/** What a training came to. Plain data, equal for equal input. */
export interface TrainingReport {
  readonly modelId: string
  readonly schemaHash: string
  readonly seed: string
  readonly rowCount: number
  readonly baseRate: number
  /** Close times of the first and the last row, milliseconds UTC. */
  readonly from: number
  readonly to: number
  readonly dataHashes: readonly string[]
  /** Walk-forward comparison over all rows. */
  readonly validation: ValidationReport
  /** The shipped model on the last tenth of the rows, which it never saw. */
  readonly holdout: ForecastQuality
}

const minRows = 1_000
const finalShare = 0.9

/**
 * Trains the shipped model: compares the kinds by walking forward, fits the better one on everything but the last tenth,
 * and exports it with its calibration and the description of its training rows.
 *
 * @throws BarfinexError `history.too-short` with fewer than 1,000 rows.
 */
export function trainModel(
  set: TrainingSet,
  seed: string,
  options: TrainingOptions & { readonly label: LabelOptions },
): TrainedModel {
  if (set.rowCount < minRows) {
    throw new BarfinexError(
      'history.too-short',
      `Training needs at least ${minRows} labelled signals; there are ${set.rowCount}. Give more history or more markets.`,
      { details: { need: minRows, have: set.rowCount } },
    )
  }
  const { label } = options
  const random = createRandom(`train/${seed}`)
  const validation = validate(set, random.fork('validation'), options)
  const { train, test } = splitOnce(set, finalShare, options.embargoMs)
  const rows = rowsOf(set, train)
  const model = fitModel(rows, validation.chosen, random.fork('model'), options)
  const extent = trainingExtent({ ...rows, width: featureCount }, random.fork('centres'))
  const from = set.knownAt[0]!
  const to = rows.knownAt.at(-1)!
  const bytes = writeOnnx(
    model.graph,
    writeModelCard({
      format: 1,
      schemaHash: featureSchemaHash(),
      features: featureSchema.columns.map((column) => column.name),
      trainedFrom: from,
      trainedTo: to,
      rowCount: rows.rowCount,
      label: { stopAtr: label.stopAtr, targetAtr: label.targetAtr, horizonBars: label.horizonBars },
      baseRate: model.baseRate,
      seed,
      dataHashes: [...set.dataHashes],
      ...extent,
      map: model.map,
    }),
  )
  const report: TrainingReport = {
    modelId: createHash('sha256').update(bytes).digest('hex'),
    schemaHash: featureSchemaHash(),
    seed,
    rowCount: set.rowCount,
    baseRate: model.baseRate,
    from,
    to: set.knownAt.at(-1)!,
    dataHashes: set.dataHashes,
    validation,
    holdout: forecastQuality(forecast(model, rowsOf(set, test)).served, random.fork('holdout')),
  }
  return { bytes, report }
}
