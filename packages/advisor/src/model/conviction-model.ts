import { createHash } from 'node:crypto'
import { BarfinexError } from '@barfinex/core'
import { featureSchema } from './feature-schema.js'
import { type ModelCard, readModelCard } from './model-card.js'
import { type ConvictionGraph, inputCountOf } from './onnx/conviction-graph.js'
import { type Evaluate, evaluatorOf } from './onnx/evaluate.js'
import { readOnnx } from './onnx/read-onnx.js'

/** A model file, read and checked, with an evaluator that needs no native code. */
export interface ConvictionModel {
  /** SHA-256 of the file. */
  readonly modelId: string
  readonly bytes: Uint8Array
  readonly graph: ConvictionGraph
  readonly card: ModelCard
  readonly evaluate: Evaluate
}

/**
 * Reads a model file.
 *
 * @throws BarfinexError `advisor.model-invalid` when it is no model of ours, or its parts do not fit together.
 */
export function readConvictionModel(bytes: Uint8Array): ConvictionModel {
  const { graph, metadata } = readOnnx(bytes)
  const card = readModelCard(metadata)
  if (inputCountOf(graph) !== card.features.length) {
    throw new BarfinexError(
      'advisor.model-invalid',
      `The model takes ${inputCountOf(graph)} inputs but describes ${card.features.length} features. Train and export it again.`,
    )
  }
  const modelId = createHash('sha256').update(bytes).digest('hex')
  return { modelId, bytes, graph, card, evaluate: evaluatorOf(graph) }
}

/** What moved the logit of one vector. */
export interface Contribution {
  readonly feature: string
  readonly value: number
  /** Change of the logit against the same vector with this feature at its median of training. */
  readonly effect: number
}

/** The features that moved the logit most, strongest first. Exact for a linear model, one at a time for trees. */
export function contributionsOf(model: ConvictionModel, features: Float32Array, count = 5): readonly Contribution[] {
  const logit = model.evaluate(features)
  const probe = features.slice()
  return Array.from(features, (value, i): Contribution => {
    probe[i] = model.card.median[i]!
    const effect = logit - model.evaluate(probe)
    probe[i] = value
    return { feature: featureSchema.columns[i]?.name ?? String(i), value, effect }
  })
    .sort((left, right) => Math.abs(right.effect) - Math.abs(left.effect))
    .slice(0, count)
}
