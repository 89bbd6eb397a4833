import { sigmoid } from '../../calibration/metrics.js'
import type { LinearGraph } from '../onnx/conviction-graph.js'

/** Rows to fit on. */
export interface FitRows {
  /** Row after row. */
  readonly features: Float32Array
  readonly width: number
  readonly won: Float64Array
  readonly weight: Float64Array
}

/** Mean and deviation of one feature, weighted; a constant feature has deviation 1, so that it standardises to 0. */
export interface Moments {
  readonly mean: Float32Array
  readonly deviation: Float32Array
}

export function momentsOf({ features, width, weight }: FitRows): Moments {
  const mean = new Float64Array(width)
  const squares = new Float64Array(width)
  let total = 0
  for (const value of weight) total += value
  for (let row = 0; row < weight.length; row += 1) {
    for (let i = 0; i < width; i += 1) mean[i]! += (weight[row]! * features[row * width + i]!) / total
  }
  for (let row = 0; row < weight.length; row += 1) {
    for (let i = 0; i < width; i += 1)
      squares[i]! += (weight[row]! * (features[row * width + i]! - mean[i]!) ** 2) / total
  }
  return {
    mean: Float32Array.from(mean),
    deviation: Float32Array.from(squares, (value) => (value > 1e-12 ? Math.sqrt(value) : 1)),
  }
}

/**
 * Fits a logistic regression with an L2 penalty of `penalty` per standardised weight (the bias is free), by Newton's
 * method from zero. Deterministic; the problem is convex.
 */
export function trainLogistic(rows: FitRows, { penalty = 10, maxSteps = 20 } = {}): LinearGraph {
  const { features, width, won, weight } = rows
  const { mean, deviation } = momentsOf(rows)
  const scale = deviation.map((value) => 1 / value)
  const size = width + 1
  const beta = new Float64Array(size)
  const x = new Float64Array(size)
  x[width] = 1
  for (let step = 0; step < maxSteps; step += 1) {
    const gradient = new Float64Array(size)
    const hessian = new Float64Array(size * size)
    for (let row = 0; row < won.length; row += 1) {
      let eta = beta[width]!
      for (let i = 0; i < width; i += 1) {
        x[i] = (features[row * width + i]! - mean[i]!) * scale[i]!
        eta += beta[i]! * x[i]!
      }
      const p = sigmoid(eta)
      const error = weight[row]! * (p - won[row]!)
      const curvature = weight[row]! * p * (1 - p)
      for (let i = 0; i < size; i += 1) {
        gradient[i]! += error * x[i]!
        const scaled = curvature * x[i]!
        for (let k = 0; k <= i; k += 1) hessian[i * size + k]! += scaled * x[k]!
      }
    }
    for (let i = 0; i < width; i += 1) {
      gradient[i]! += penalty * beta[i]!
      hessian[i * size + i]! += penalty
    }
    const move = solveSymmetric(hessian, gradient)
    let largest = 0
    for (let i = 0; i < size; i += 1) {
      beta[i]! -= move[i]!
      largest = Math.max(largest, Math.abs(move[i]!))
    }
    if (largest < 1e-9) break
  }
  return {
    kind: 'linear',
    mean,
    scale,
    weight: Float32Array.from(beta.subarray(0, width)),
    bias: Math.fround(beta[width]!),
  }
}

/** Solves A·x = b for a positive definite A given by its lower triangle, by Cholesky's decomposition. */
function solveSymmetric(lower: Float64Array, b: Float64Array): Float64Array {
  const size = b.length
  const l = lower.slice()
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k <= i; k += 1) {
      let sum = l[i * size + k]!
      for (let m = 0; m < k; m += 1) sum -= l[i * size + m]! * l[k * size + m]!
      l[i * size + k] = i === k ? Math.sqrt(Math.max(sum, 1e-12)) : sum / l[k * size + k]!
    }
  }
  const x = b.slice()
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) x[i]! -= l[i * size + k]! * x[k]!
    x[i]! /= l[i * size + i]!
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) x[i]! -= l[k * size + i]! * x[k]!
    x[i]! /= l[i * size + i]!
  }
  return x
}
