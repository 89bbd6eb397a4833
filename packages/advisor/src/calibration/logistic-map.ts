import { sigmoid } from './metrics.js'

/** p = σ(slope · z + intercept), where z is the model's logit (Platt's map on logits). */
export interface LogisticMap {
  readonly slope: number
  readonly intercept: number
  /** Effective number of outcomes behind it: (Σw)² / Σw². */
  readonly sampleCount: number
}

/** The map that changes nothing. */
export const identityMap: LogisticMap = { slope: 1, intercept: 0, sampleCount: 0 }

/** Calibrated probability of one logit. */
export function applyMap(map: LogisticMap, z: number): number {
  return sigmoid(map.slope * z + map.intercept)
}

/** Outcomes in columns: logit, 1 for a win or 0, and weight. */
export interface WeightedOutcomes {
  readonly z: Float64Array
  readonly y: Float64Array
  readonly weight: Float64Array
}

const maxSteps = 25
const stepTolerance = 1e-10

/**
 * Fits a map by penalised maximum likelihood, pulled towards `towards` as if by `pseudoCount` extra outcomes.
 *
 * Penalty ½λₐ(a − a₀)² + ½λ_b(b − b₀)² with λ_b = n₀ · p̄(1 − p̄) and λₐ = λ_b · Var(z), where p̄ is the mean answer of
 * `towards`: few outcomes move the map little, however lopsided they are, and many move it freely. Newton's method with halved steps, at most 25; the objective is convex, so the
 * result does not depend on the start. A slope never falls below zero: a ranking that was turned over is no ranking, so
 * then the intercept alone is fitted.
 */
export function fitMap(outcomes: WeightedOutcomes, towards: LogisticMap, pseudoCount: number): LogisticMap {
  const free = fitFreely(outcomes, towards, pseudoCount)
  if (free.slope >= 0) return free
  const withoutSlope = { ...outcomes, z: new Float64Array(outcomes.z.length) }
  return { ...fitFreely(withoutSlope, towards, pseudoCount), slope: 0 }
}

function fitFreely(outcomes: WeightedOutcomes, towards: LogisticMap, pseudoCount: number): LogisticMap {
  const { z, y, weight } = outcomes
  let total = 0
  let totalSquares = 0
  let expected = 0
  let meanZ = 0
  for (let i = 0; i < z.length; i += 1) {
    total += weight[i]!
    totalSquares += weight[i]! ** 2
    expected += weight[i]! * applyMap(towards, z[i]!)
    meanZ += weight[i]! * z[i]!
  }
  if (total <= 0) return { ...towards, sampleCount: 0 }
  meanZ /= total
  let varianceZ = 0
  for (let i = 0; i < z.length; i += 1) varianceZ += (weight[i]! * (z[i]! - meanZ) ** 2) / total

  const rate = expected / total
  const interceptPull = Math.max(1e-9, pseudoCount * rate * (1 - rate))
  const slopePull = Math.max(1e-9, interceptPull * varianceZ)

  const objective = (a: number, b: number): number => {
    let value = 0.5 * slopePull * (a - towards.slope) ** 2 + 0.5 * interceptPull * (b - towards.intercept) ** 2
    for (let i = 0; i < z.length; i += 1) {
      const eta = a * z[i]! + b
      value += weight[i]! * (softplus(eta) - y[i]! * eta)
    }
    return value
  }

  let slope = towards.slope
  let intercept = towards.intercept
  let best = objective(slope, intercept)
  for (let step = 0; step < maxSteps; step += 1) {
    let gradientA = slopePull * (slope - towards.slope)
    let gradientB = interceptPull * (intercept - towards.intercept)
    let aa = slopePull
    let ab = 0
    let bb = interceptPull
    for (let i = 0; i < z.length; i += 1) {
      const p = sigmoid(slope * z[i]! + intercept)
      const error = weight[i]! * (p - y[i]!)
      const curvature = weight[i]! * p * (1 - p)
      gradientA += error * z[i]!
      gradientB += error
      aa += curvature * z[i]! * z[i]!
      ab += curvature * z[i]!
      bb += curvature
    }
    const determinant = aa * bb - ab * ab
    const moveA = (bb * gradientA - ab * gradientB) / determinant
    const moveB = (aa * gradientB - ab * gradientA) / determinant
    let scale = 1
    let next = objective(slope - moveA, intercept - moveB)
    while (next > best && scale > 1e-6) {
      scale /= 2
      next = objective(slope - scale * moveA, intercept - scale * moveB)
    }
    if (next > best) break
    slope -= scale * moveA
    intercept -= scale * moveB
    best = next
    if (Math.abs(moveA) + Math.abs(moveB) < stepTolerance) break
  }
  return { slope, intercept, sampleCount: (total * total) / totalSquares }
}

/** ln(1 + eˣ) without overflow. */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))
}
