/** The two probabilities between which a Venn-Abers predictor places the truth. */
export interface ProbabilityInterval {
  readonly low: number
  readonly high: number
}

/**
 * Prepares an inductive Venn-Abers predictor (Vovk and Petej 2012) over past scores and their outcomes.
 *
 * For a new score it fits isotonic regression twice, with the score as a loser and as a winner; the two fitted values
 * bound the probability. Valid without any assumption but exchangeability; used for its width, not for its middle.
 */
export function vennAbers(score: ArrayLike<number>, y: ArrayLike<number>): (newScore: number) => ProbabilityInterval {
  const order = Array.from(score, (_, i) => i).sort((left, right) => score[left]! - score[right]! || left - right)
  const sortedScore = Float64Array.from(order, (i) => score[i]!)
  const sortedOutcome = Float64Array.from(order, (i) => y[i]!)
  return (newScore) => {
    const low = isotonicAt(sortedScore, sortedOutcome, newScore, 0)
    const high = isotonicAt(sortedScore, sortedOutcome, newScore, 1)
    return { low: Math.min(low, high), high: Math.max(low, high) }
  }
}

/** Pools adjacent violators over the scores with the new one put in, and reads the fitted value at the new one. */
function isotonicAt(score: Float64Array, outcome: Float64Array, newScore: number, newOutcome: 0 | 1): number {
  const sums = new Float64Array(score.length + 1)
  const counts = new Float64Array(score.length + 1)
  let blocks = 0
  let own = -1
  let isPlaced = false

  const push = (sum: number, count: number, isOwn: boolean): void => {
    sums[blocks] = sum
    counts[blocks] = count
    if (isOwn) own = blocks
    blocks += 1
    while (blocks > 1 && sums[blocks - 2]! * counts[blocks - 1]! >= sums[blocks - 1]! * counts[blocks - 2]!) {
      sums[blocks - 2]! += sums[blocks - 1]!
      counts[blocks - 2]! += counts[blocks - 1]!
      blocks -= 1
      if (own === blocks) own = blocks - 1
    }
  }

  for (let from = 0; from < score.length || !isPlaced; ) {
    // Equal scores must get equal values, so they enter as one block.
    const next = from < score.length ? score[from]! : Number.POSITIVE_INFINITY
    const value = isPlaced ? next : Math.min(next, newScore)
    const isOwn = !isPlaced && value === newScore
    let sum = isOwn ? newOutcome : 0
    let count = isOwn ? 1 : 0
    while (from < score.length && score[from] === value) {
      sum += outcome[from]!
      count += 1
      from += 1
    }
    if (isOwn) isPlaced = true
    push(sum, count, isOwn)
  }
  return sums[own]! / counts[own]!
}
