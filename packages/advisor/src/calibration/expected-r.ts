/**
 * Expected result of a trade in units of its risk (R), after costs: p · rewardToRisk − (1 − p) − costR, where costR is
 * what fees, spread and slippage of the round trip cost, in R too.
 *
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

/**
 * Carries a logit over to a trade with another reward to risk than the model's labels had.
 *
 * A price without drift reaches a target before a stop with probability 1 / (1 + rewardToRisk). What the model knows is
 * how far, in log-odds, a signal is from that; the distance is kept and the starting point exchanged.
 */
export function rebasedLogit(logit: number, trained: number, wanted: number): number {
  return logit + Math.log(trained) - Math.log(wanted)
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
