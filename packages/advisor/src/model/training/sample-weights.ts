/** A label's planned life, in candles: from the judged one to the one at which time would close it. */
export interface LabelSpan {
  readonly start: number
  readonly end: number
}

/**
 * Weight of each label for fitting: its average uniqueness times its age, scaled to a mean of 1.
 *
 * Labels that live at the same time tell the same story; at every step the labels alive share one unit of weight
 * (López de Prado 2018). The oldest label counts `oldest` times what the newest does. Lives are the planned ones: real
 * ones are shorter for losers, whose stops are nearer, and weights by them would teach a win rate that never was.
 *
 * @param spans Of one series, in order of their start.
 */
export function sampleWeights(spans: readonly LabelSpan[], oldest = 0.5): Float64Array {
  const weights = new Float64Array(spans.length)
  if (spans.length === 0) return weights
  const from = spans[0]!.start
  const to = spans.reduce((latest, span) => Math.max(latest, span.end), from)
  const alive = new Float64Array(to - from + 2)
  for (const { start, end } of spans) {
    alive[start - from]! += 1
    alive[end - from + 1]! -= 1
  }
  const shareUpTo = new Float64Array(alive.length + 1)
  for (let i = 0, count = 0; i < alive.length; i += 1) {
    count += alive[i]!
    shareUpTo[i + 1] = shareUpTo[i]! + (count > 0 ? 1 / count : 0)
  }
  let total = 0
  for (const [i, { start, end }] of spans.entries()) {
    const uniqueness = (shareUpTo[end - from + 1]! - shareUpTo[start - from]!) / (end - start + 1)
    const age = spans.length > 1 ? i / (spans.length - 1) : 1
    weights[i] = uniqueness * (oldest + (1 - oldest) * age)
    total += weights[i]!
  }
  return weights.map((weight) => (weight * spans.length) / total)
}
