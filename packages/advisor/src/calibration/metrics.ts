/** Probabilities are kept this far from 0 and 1 before a logarithm is taken. */
const edge = 1e-12

/** σ(x) = 1 / (1 + e⁻ˣ). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** ln(p / (1 − p)), with p kept away from 0 and 1 by 1e-12. */
export function logit(p: number): number {
  const kept = Math.min(1 - edge, Math.max(edge, p))
  return Math.log(kept / (1 - kept))
}

/** Logarithmic loss of one forecast, in nats. */
export function pointLogLoss(p: number, won: boolean): number {
  return -Math.log(Math.max(edge, won ? p : 1 - p))
}

/** Mean squared distance between forecast and outcome (Brier 1950). 0 is perfect; 0.25 is what a constant ½ earns. */
export function brierScore(p: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < p.length; i += 1) sum += (p[i]! - y[i]!) ** 2
  return sum / p.length
}

/** Mean logarithmic loss in nats. Proper, and unforgiving towards certainty that was wrong. */
export function logLoss(p: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < p.length; i += 1) sum += pointLogLoss(p[i]!, y[i] === 1)
  return sum / p.length
}

/** Area under the ROC curve with its standard error. */
export interface RankingQuality {
  /** Chance that a random winner was ranked above a random loser; ties count half. ½ when one class is missing. */
  readonly auc: number
  /** Standard error after Hanley and McNeil (1982). */
  readonly standardError: number
}

/** Ranking quality of scores, by mid-ranks (Mann and Whitney). Any increasing transform of the scores gives the same. */
export function areaUnderCurve(score: ArrayLike<number>, y: ArrayLike<number>): RankingQuality {
  const order = rankOrder(score)
  let winners = 0
  let rankSum = 0
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to + 1 < order.length && score[order[to + 1]!] === score[order[from]!]) to += 1
    const midRank = (from + to) / 2 + 1
    for (let k = from; k <= to; k += 1) {
      if (y[order[k]!] !== 1) continue
      winners += 1
      rankSum += midRank
    }
    from = to + 1
  }
  const losers = order.length - winners
  if (winners === 0 || losers === 0) return { auc: 0.5, standardError: 0.5 }
  const auc = (rankSum - (winners * (winners + 1)) / 2) / (winners * losers)
  const q1 = auc / (2 - auc)
  const q2 = (2 * auc * auc) / (1 + auc)
  const variance =
    (auc * (1 - auc) + (winners - 1) * (q1 - auc * auc) + (losers - 1) * (q2 - auc * auc)) / (winners * losers)
  return { auc, standardError: Math.sqrt(Math.max(0, variance)) }
}

/** One bin of a reliability table. */
export interface ReliabilityBin {
  readonly count: number
  readonly meanForecast: number
  readonly winRate: number
}

/** Forecasts in `binCount` bins of equal mass, lowest first: what was said beside what happened. */
export function reliabilityTable(p: ArrayLike<number>, y: ArrayLike<number>, binCount = 10): readonly ReliabilityBin[] {
  const order = rankOrder(p)
  const bins: ReliabilityBin[] = []
  for (let bin = 0; bin < binCount; bin += 1) {
    const from = Math.floor((bin * order.length) / binCount)
    const to = Math.floor(((bin + 1) * order.length) / binCount)
    if (to === from) continue
    let forecast = 0
    let won = 0
    for (let k = from; k < to; k += 1) {
      forecast += p[order[k]!]!
      won += y[order[k]!]!
    }
    bins.push({ count: to - from, meanForecast: forecast / (to - from), winRate: won / (to - from) })
  }
  return bins
}

/**
 * Expected calibration error over bins of equal mass: Σ share · |mean forecast − win rate|.
 *
 * Never below its sampling floor, even for a perfect forecaster: read it beside {@link calibrationErrorFloor}.
 */
export function calibrationError(p: ArrayLike<number>, y: ArrayLike<number>, binCount = 10): number {
  let error = 0
  for (const bin of reliabilityTable(p, y, binCount)) {
    error += (bin.count / p.length) * Math.abs(bin.meanForecast - bin.winRate)
  }
  return error
}

/** Indexes from the lowest score to the highest; equal scores keep their order. */
export function rankOrder(score: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(score.length)
  for (let i = 0; i < order.length; i += 1) order[i] = i
  return order.sort((left, right) => score[left]! - score[right]! || left - right)
}
