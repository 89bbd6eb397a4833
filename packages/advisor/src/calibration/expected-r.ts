/**
 * Expected result of a trade in units of its risk (R), after costs: p · rewardToRisk − (1 − p) − costR.
 *
 * @param costR Fees, spread and slippage of the round trip, in R.
 * @example
 * expectedR({ probability: 0.5, rewardToRisk: 1.5, costR: 0.1 }) // => 0.15
 */
export function expectedR(trade: {
  readonly probability: number
  readonly rewardToRisk: number
  readonly costR: number
}): number {
  return trade.probability * trade.rewardToRisk - (1 - trade.probability) - trade.costR
}

/** Probability at which {@link expectedR} is zero: (1 + costR) / (1 + rewardToRisk). */
export function breakEvenProbability({
  rewardToRisk,
  costR,
}: {
  readonly rewardToRisk: number
  readonly costR: number
}): number {
  return (1 + costR) / (1 + rewardToRisk)
}
