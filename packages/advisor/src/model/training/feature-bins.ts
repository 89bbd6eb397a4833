/** Features cut into at most 255 bins each: what a histogram tree is grown on. */
export interface FeatureBins {
  readonly width: number
  /** Bin of each value, row after row: the number of edges at or below it. */
  readonly bin: Uint8Array
  /** Ascending edges of each feature, float32: bin b of a feature holds edges[b − 1] ≤ x < edges[b]. */
  readonly edges: readonly Float32Array[]
}

/**
 * Cuts each feature at quantiles of the rows.
 *
 * Edges are float32 values between two observed ones, and a split sends x < edge to the left, exactly as the exported
 * model and every engine compare.
 */
export function binFeatures(features: Float32Array, width: number, maxBins = 64): FeatureBins {
  const rowCount = features.length / width
  const bin = new Uint8Array(features.length)
  const edges: Float32Array[] = []
  for (let i = 0; i < width; i += 1) {
    const sorted = Float32Array.from({ length: rowCount }, (_, row) => features[row * width + i]!).sort()
    const own: number[] = []
    for (let cut = 1; cut < maxBins; cut += 1) {
      const at = Math.floor((cut * rowCount) / maxBins)
      const below = sorted[at - 1]
      const above = sorted[at]
      if (below === undefined || above === undefined || below === above) continue
      const edge = Math.fround((below + above) / 2)
      // Between neighbours in float32 the middle rounds onto one of them; the upper one still parts them.
      own.push(edge > below ? edge : above)
    }
    const unique = Float32Array.from(new Set(own))
    edges.push(unique)
    for (let row = 0; row < rowCount; row += 1)
      bin[row * width + i] = countAtOrBelow(unique, features[row * width + i]!)
  }
  return { width, bin, edges }
}

function countAtOrBelow(sorted: Float32Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}
