import type { Random } from '@barfinex/core'
import { logit, sigmoid } from '../../calibration/metrics.js'
import type { TreeGraph } from '../onnx/conviction-graph.js'
import { binFeatures, type FeatureBins } from './feature-bins.js'
import type { FitRows } from './train-logistic.js'

/** How trees are grown. */
export interface TreeOptions {
  readonly treeCount: number
  readonly maxDepth: number
  readonly learningRate: number
  /** Rows a leaf must hold. */
  readonly minLeafRows: number
  /** Share of the rows each tree sees. */
  readonly subsample: number
  /** Added to every leaf's curvature: pulls its value towards 0. */
  readonly penalty: number
}

export const defaultTreeOptions: TreeOptions = {
  treeCount: 150,
  maxDepth: 3,
  learningRate: 0.05,
  minLeafRows: 100,
  subsample: 0.7,
  penalty: 5,
}

/**
 * Fits gradient-boosted trees to logarithmic loss, on histograms, with Newton steps in the leaves.
 *
 * Deterministic for a given generator. Thresholds and leaf values are rounded to float32 while growing, so the fit is
 * the fit of what is exported.
 */
export function trainTrees(rows: FitRows, random: Random, options: TreeOptions = defaultTreeOptions): TreeGraph {
  const { width, won, weight } = rows
  const rowCount = won.length
  const bins = binFeatures(rows.features, width)
  let total = 0
  let totalWon = 0
  for (let row = 0; row < rowCount; row += 1) {
    total += weight[row]!
    totalWon += weight[row]! * won[row]!
  }
  const base = Math.fround(logit((totalWon + 0.5) / (total + 1)))
  const score = new Float64Array(rowCount).fill(base)
  const gradient = new Float64Array(rowCount)
  const curvature = new Float64Array(rowCount)
  const nodes: TreeNodes = { feature: [], threshold: [], whenBelow: [], otherwise: [] }
  const roots: number[] = []
  for (let tree = 0; tree < options.treeCount; tree += 1) {
    for (let row = 0; row < rowCount; row += 1) {
      const p = sigmoid(score[row]!)
      gradient[row] = weight[row]! * (p - won[row]!)
      curvature[row] = weight[row]! * p * (1 - p)
    }
    const chosen: number[] = []
    for (let row = 0; row < rowCount; row += 1) if (random.next() < options.subsample) chosen.push(row)
    const root = nodes.feature.length
    roots.push(root)
    growNode({ bins, gradient, curvature, options, nodes }, Uint32Array.from(chosen), 0)
    for (let row = 0; row < rowCount; row += 1) score[row]! += leafValue(nodes, root, rows.features, row * width)
  }
  return {
    kind: 'trees',
    inputCount: width,
    base,
    roots: Int32Array.from(roots),
    feature: Int32Array.from(nodes.feature),
    threshold: Float32Array.from(nodes.threshold),
    whenBelow: Int32Array.from(nodes.whenBelow),
    otherwise: Int32Array.from(nodes.otherwise),
  }
}

interface TreeNodes {
  readonly feature: number[]
  readonly threshold: number[]
  readonly whenBelow: number[]
  readonly otherwise: number[]
}

interface Growth {
  readonly bins: FeatureBins
  readonly gradient: Float64Array
  readonly curvature: Float64Array
  readonly options: TreeOptions
  readonly nodes: TreeNodes
}

/** Grows the subtree of the given rows and returns its index; children stand after their parent. */
function growNode(growth: Growth, rows: Uint32Array, depth: number): number {
  const { bins, gradient, curvature, options, nodes } = growth
  const at = nodes.feature.length
  let gradientSum = 0
  let curvatureSum = 0
  for (const row of rows) {
    gradientSum += gradient[row]!
    curvatureSum += curvature[row]!
  }
  const split = depth < options.maxDepth ? bestSplit(growth, rows, gradientSum, curvatureSum) : null
  nodes.feature.push(split === null ? -1 : split.feature)
  nodes.whenBelow.push(0)
  nodes.otherwise.push(0)
  if (split === null) {
    nodes.threshold.push(Math.fround((-options.learningRate * gradientSum) / (curvatureSum + options.penalty)))
    return at
  }
  nodes.threshold.push(bins.edges[split.feature]![split.bin]!)
  const isBelow = (row: number) => bins.bin[row * bins.width + split.feature]! <= split.bin
  nodes.whenBelow[at] = growNode(growth, rows.filter(isBelow), depth + 1)
  nodes.otherwise[at] = growNode(
    growth,
    rows.filter((row) => !isBelow(row)),
    depth + 1,
  )
  return at
}

interface Split {
  readonly feature: number
  /** Rows up to this bin go below. */
  readonly bin: number
}

/** The split that lowers the loss most, the first of equals; `null` when none lowers it. */
function bestSplit(growth: Growth, rows: Uint32Array, gradientSum: number, curvatureSum: number): Split | null {
  const { bins, gradient, curvature, options } = growth
  const { width } = bins
  const gain = (g: number, h: number) => (g * g) / (h + options.penalty)
  let best = gain(gradientSum, curvatureSum) + 1e-9
  let found: Split | null = null
  if (rows.length < 2 * options.minLeafRows) return null
  for (let feature = 0; feature < width; feature += 1) {
    const edgeCount = bins.edges[feature]!.length
    if (edgeCount === 0) continue
    const gradients = new Float64Array(edgeCount + 1)
    const curvatures = new Float64Array(edgeCount + 1)
    const counts = new Uint32Array(edgeCount + 1)
    for (let k = 0; k < rows.length; k += 1) {
      const row = rows[k]!
      const bin = bins.bin[row * width + feature]!
      gradients[bin]! += gradient[row]!
      curvatures[bin]! += curvature[row]!
      counts[bin]! += 1
    }
    let g = 0
    let h = 0
    let count = 0
    for (let bin = 0; bin < edgeCount; bin += 1) {
      g += gradients[bin]!
      h += curvatures[bin]!
      count += counts[bin]!
      if (count < options.minLeafRows || rows.length - count < options.minLeafRows) continue
      const value = gain(g, h) + gain(gradientSum - g, curvatureSum - h)
      if (value > best) {
        best = value
        found = { feature, bin }
      }
    }
  }
  return found
}

function leafValue(nodes: TreeNodes, root: number, features: Float32Array, from: number): number {
  let node = root
  while (nodes.feature[node]! >= 0) {
    const isBelow = features[from + nodes.feature[node]!]! < nodes.threshold[node]!
    node = isBelow ? nodes.whenBelow[node]! : nodes.otherwise[node]!
  }
  return nodes.threshold[node]!
}
