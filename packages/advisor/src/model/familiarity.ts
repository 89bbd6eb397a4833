import type { Reason } from '@barfinex/core'
import type { ModelCard } from './model-card.js'

/** Whether a vector looks like what the model was trained on. */
export interface Familiarity {
  /** `edge`: one or two features beyond what training saw. `outside`: more, or far from everything in training. */
  readonly verdict: 'inside' | 'edge' | 'outside'
  /** Features beyond their 0.1 % or 99.9 % quantile of training. */
  readonly breaches: readonly string[]
  /** Distance to the nearest training centre, in standard deviations of the features. */
  readonly distance: number
  readonly distanceLimit: number
  readonly reasons: readonly Reason[]
}

const maxEdgeBreaches = 2

/** Judges one finite vector against the ranges and centres on the model's card. */
export function familiarityOf(card: ModelCard, features: Float32Array): Familiarity {
  const breaches = card.features.filter((_, i) => features[i]! < card.low[i]! || features[i]! > card.high[i]!)
  const distance = nearestDistance(card, features)
  const reasons: Reason[] = []
  if (breaches.length > 0) {
    reasons.push({
      code: 'advisor.model.out-of-range',
      message: `${breaches.length} features lie beyond what training saw: ${breaches.slice(0, 8).join(', ')}.`,
      limit: breaches.length > maxEdgeBreaches ? maxEdgeBreaches : 0,
      observed: breaches.length,
    })
  }
  if (distance > card.distanceLimit) {
    reasons.push({
      code: 'advisor.model.far-from-training',
      message: `The features are ${distance.toFixed(2)} deviations from the nearest training centre; ${card.distanceLimit.toFixed(2)} is usual at most.`,
      limit: card.distanceLimit,
      observed: distance,
    })
  }
  const isOutside = breaches.length > maxEdgeBreaches || distance > card.distanceLimit
  return {
    verdict: isOutside ? 'outside' : breaches.length > 0 ? 'edge' : 'inside',
    breaches,
    distance,
    distanceLimit: card.distanceLimit,
    reasons,
  }
}

/** Euclidean distance to the nearest centre, after standardising with the mean and deviation of training. */
export function nearestDistance(
  { mean, deviation, centres }: Pick<ModelCard, 'mean' | 'deviation' | 'centres'>,
  features: Float32Array,
): number {
  const width = features.length
  const standard = features.map((value, i) => (value - mean[i]!) / deviation[i]!)
  let nearest = Number.POSITIVE_INFINITY
  for (let from = 0; from < centres.length; from += width) {
    let squares = 0
    for (let i = 0; i < width && squares < nearest; i += 1) squares += (standard[i]! - centres[from + i]!) ** 2
    nearest = Math.min(nearest, squares)
  }
  return Math.sqrt(nearest)
}
