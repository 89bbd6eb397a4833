/** Gates that let through whatever can be protected: for runs that test orders and daemons, not judgement. */
export const openGates = {
  minQuality: 0,
  minScore: -1,
  minExpectedR: -1_000,
  minExpectedRLow: -1_000,
  minRewardToRisk: 0.01,
  maxSpreadOfStop: 1,
  minStopAtr: 0.01,
  maxStopAtr: 1_000,
  maxDriftAtr: 1_000,
  maxGapShare: 1,
}
