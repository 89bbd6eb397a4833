import type { Random } from '@barfinex/core'
import { nearestDistance } from '../familiarity.js'
import { type FitRows, momentsOf } from './train-logistic.js'

/** Where training rows lie: what a live vector is compared with. */
export interface TrainingExtent {
  readonly low: Float32Array
  readonly median: Float32Array
  readonly high: Float32Array
  readonly mean: Float32Array
  readonly deviation: Float32Array
  readonly centres: Float32Array
  readonly distanceLimit: number
}

const centreCount = 64
const rounds = 12
/** Rows on which the centres are found: enough for 64 of them. */
const maxRows = 6_000

/** Describes the training rows by quantiles and by 64 k-means centres in standardised space. */
export function trainingExtent(rows: FitRows, random: Random): TrainingExtent {
  const { features, width } = rows
  const rowCount = rows.won.length
  const { mean, deviation } = momentsOf(rows)
  const quantile = (share: number) =>
    Float32Array.from({ length: width }, (_, i) => {
      const column = Float32Array.from({ length: rowCount }, (_row, row) => features[row * width + i]!).sort()
      return column[Math.min(rowCount - 1, Math.floor(share * rowCount))]!
    })
  const stride = Math.max(1, Math.floor(rowCount / maxRows))
  const sample: Float32Array[] = []
  for (let row = 0; row < rowCount; row += stride) {
    const vector = features.subarray(row * width, (row + 1) * width)
    sample.push(vector.map((value, i) => (value - mean[i]!) / deviation[i]!))
  }
  const centres = kMeans(sample, width, random)
  const distances = new Float64Array(rowCount)
  for (let row = 0; row < rowCount; row += 1) {
    const vector = features.subarray(row * width, (row + 1) * width)
    distances[row] = nearestDistance({ mean, deviation, centres }, vector)
  }
  distances.sort()
  return {
    low: quantile(0.001),
    median: quantile(0.5),
    high: quantile(0.999),
    mean,
    deviation,
    centres,
    distanceLimit: distances[Math.min(rowCount - 1, Math.floor(0.995 * rowCount))]!,
  }
}

/** Lloyd's algorithm, started by k-means++ (Arthur and Vassilvitskii 2007). */
function kMeans(points: readonly Float32Array[], width: number, random: Random): Float32Array {
  const count = Math.min(centreCount, points.length)
  const nearest = new Float64Array(points.length).fill(Number.POSITIVE_INFINITY)
  const chosen: Float32Array[] = [points[random.integer(points.length)]!]
  while (chosen.length < count) {
    let total = 0
    for (let i = 0; i < points.length; i += 1) {
      nearest[i] = Math.min(nearest[i]!, squaredDistance(points[i]!, chosen.at(-1)!, 0))
      total += nearest[i]!
    }
    let rest = random.next() * total
    let pick = 0
    while (pick < points.length - 1 && rest >= nearest[pick]!) {
      rest -= nearest[pick]!
      pick += 1
    }
    chosen.push(points[pick]!)
  }
  const centres = new Float32Array(count * width)
  chosen.forEach((centre, k) => {
    centres.set(centre, k * width)
  })

  for (let round = 0; round < rounds; round += 1) {
    const sums = new Float64Array(centres.length)
    const members = new Uint32Array(count)
    for (const point of points) {
      let own = 0
      let best = Number.POSITIVE_INFINITY
      for (let k = 0; k < count; k += 1) {
        const distance = squaredDistance(point, centres, k * width)
        if (distance < best) {
          best = distance
          own = k
        }
      }
      members[own]! += 1
      for (let i = 0; i < width; i += 1) sums[own * width + i]! += point[i]!
    }
    for (let k = 0; k < count; k += 1) {
      if (members[k] === 0) continue
      for (let i = 0; i < width; i += 1) centres[k * width + i] = sums[k * width + i]! / members[k]!
    }
  }
  return centres
}

function squaredDistance(point: Float32Array, centres: Float32Array, from: number): number {
  let squares = 0
  for (let i = 0; i < point.length; i += 1) squares += (point[i]! - centres[from + i]!) ** 2
  return squares
}
