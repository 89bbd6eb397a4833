/** A logistic regression over standardised inputs: logit = Σ ((x − mean) · scale) · weight + bias, all in float32. */
export interface LinearGraph {
  readonly kind: 'linear'
  readonly mean: Float32Array
  /** Reciprocal of each input's deviation. */
  readonly scale: Float32Array
  readonly weight: Float32Array
  readonly bias: number
}

/**
 * Trees in flat columns, one row per node, the nodes of a tree together and its root first.
 *
 * A node with `feature` ≥ 0 goes to `whenBelow` if x[feature] < threshold, else to `otherwise`; indexes count from the
 * start of all nodes. A leaf has `feature` −1 and carries its value in `threshold`.
 */
export interface TreeGraph {
  readonly kind: 'trees'
  readonly inputCount: number
  /** Logit before the first tree. */
  readonly base: number
  /** Index of each tree's root. */
  readonly roots: Int32Array
  readonly feature: Int32Array
  /** Threshold of a split or value of a leaf, float32. */
  readonly threshold: Float32Array
  readonly whenBelow: Int32Array
  readonly otherwise: Int32Array
}

/** What a model file computes: features in, `logit` and `p` = σ(logit) out. */
export type ConvictionGraph = LinearGraph | TreeGraph

/** Number of inputs of a graph. */
export function inputCountOf(graph: ConvictionGraph): number {
  return graph.kind === 'linear' ? graph.weight.length : graph.inputCount
}
