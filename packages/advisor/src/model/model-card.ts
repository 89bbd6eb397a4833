import { BarfinexError, canonicalJson } from '@barfinex/core'
import { z } from 'zod'
import { logisticMap } from '../calibration/stored-calibration.js'
import { floatBytes, floatsOf } from './onnx/protobuf.js'

const metadataKey = 'barfinex'

/** Float32 columns stand in the file as base64 of little-endian bytes. */
const floats = z.base64().transform((text) => floatsOf(Buffer.from(text, 'base64')))

const modelCard = z.object({
  format: z.literal(1),
  /** Hash of the feature schema it was trained on. */
  schemaHash: z.string(),
  features: z.array(z.string()).min(1),
  /** Close times of the first and the last training candle, milliseconds UTC. */
  trainedFrom: z.number(),
  trainedTo: z.number(),
  rowCount: z.int().positive(),
  /** Barriers of the training labels in ATR, and bars until they were closed at their price. */
  label: z.object({
    stopAtr: z.number().positive(),
    targetAtr: z.number().positive(),
    horizonBars: z.int().positive(),
  }),
  /** Share of winners in training. */
  baseRate: z.number().gt(0).lt(1),
  seed: z.string(),
  /** SHA-256 of each training series. */
  dataHashes: z.array(z.string()),
  /** 0.1 %, 50 % and 99.9 % quantile of each feature in training. */
  low: floats,
  median: floats,
  high: floats,
  /** Mean and deviation of each feature in training: the space of the centres. */
  mean: floats,
  deviation: floats,
  /** Centres of the training rows, standardised, row after row. */
  centres: floats,
  /** 99.5 % quantile of a training row's distance to its nearest centre. */
  distanceLimit: z.number().positive(),
  /** Calibration map fitted on rows later than those of training, or `null`. */
  map: logisticMap.nullable(),
})

/** What a model says about itself: where it comes from, what it has seen, and how its logits are to be read. */
export interface ModelCard extends z.infer<typeof modelCard> {}

/** Puts a card into the metadata of a model file. */
export function writeModelCard(card: ModelCard): Readonly<Record<string, string>> {
  const text = (values: Float32Array): string => Buffer.from(floatBytes(values)).toString('base64')
  return {
    [metadataKey]: canonicalJson({
      ...card,
      low: text(card.low),
      median: text(card.median),
      high: text(card.high),
      mean: text(card.mean),
      deviation: text(card.deviation),
      centres: text(card.centres),
    }),
  }
}

/**
 * Reads the card from a file's metadata.
 *
 * @throws BarfinexError `advisor.model-invalid` when there is none, or its columns differ in length.
 */
export function readModelCard(metadata: Readonly<Record<string, string>>): ModelCard {
  const parsed = z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        context.addIssue('not JSON')
        return z.NEVER
      }
    })
    .pipe(modelCard)
    .safeParse(metadata[metadataKey])
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error))
  const card = parsed.data
  const width = card.features.length
  for (const column of [card.low, card.median, card.high, card.mean, card.deviation]) {
    if (column.length !== width || !column.every(Number.isFinite)) throw invalid('a column does not fit its features')
  }
  if (card.centres.length === 0 || card.centres.length % width !== 0) throw invalid('the centres are incomplete')
  return card
}

function invalid(what: string): BarfinexError {
  return new BarfinexError(
    'advisor.model-invalid',
    `The model file does not describe itself as ours do: ${what}. Train and export it again.`,
  )
}
