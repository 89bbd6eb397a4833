import type { MarketSnapshot } from '../market/market-snapshot.js'
import type { Contribution } from '../model/conviction-model.js'
import type { Score } from '../stages/3-score.js'
import type { CalibrationFound } from '../stages/5-calibration.js'
import type { Evidence } from './synthesis.js'

/**
 * The evidence table of one decision: what was measured, in a fixed order, each with its bearing on the trade.
 */
export function evidenceOf(
  snapshot: MarketSnapshot,
  score: Score,
  calibration: CalibrationFound,
  contributions: readonly Contribution[],
): readonly Evidence[] {
  const { calibrated, economics, expectedR } = calibration
  const rows: Omit<Evidence, 'id'>[] = [
    row('trend agreement across timeframes', score.parts.trend, signed(score.parts.trend), score.parts.trend),
    row('momentum over twelve bars', score.parts.momentum, signed(score.parts.momentum), score.parts.momentum),
    row('distance from the usual range', score.parts.stretch, signed(score.parts.stretch), score.parts.stretch),
    row(
      'fit of the stop to volatility',
      score.parts.volatility,
      signed(score.parts.volatility),
      score.parts.volatility,
    ),
    row('cost against the risk', economics.costR, `${economics.costR.toFixed(2)} R`, score.parts.cost),
    row('room to the next swing', score.parts.structure, signed(score.parts.structure), score.parts.structure),
    row('calibrated probability', calibrated.probability, percent(calibrated.probability), bounded(4 * expectedR)),
    row('expected result after costs', expectedR, `${expectedR.toFixed(2)} R`, bounded(4 * expectedR)),
    row(
      'gross reward to risk',
      economics.rewardToRiskGross,
      economics.rewardToRiskGross.toFixed(2),
      bounded(economics.rewardToRiskGross - 1),
    ),
  ]
  if (snapshot.regime !== null) {
    const { volatilityRank, efficiency } = snapshot.regime
    rows.push(row('rank of volatility', volatilityRank, percent(volatilityRank), 0))
    rows.push(row('efficiency of the recent move', efficiency, percent(efficiency), 0))
  }
  for (const it of contributions) {
    rows.push(row(`model input ${it.feature}`, it.value, it.value.toFixed(3), bounded(2 * it.effect)))
  }
  return rows.slice(0, 48).map((it, index) => ({ id: `E${String(index + 1).padStart(2, '0')}`, ...it }))
}

function row(name: string, value: number, text: string, support: number): Omit<Evidence, 'id'> {
  return { name, value, text, support: Number(support.toFixed(4)), before: null }
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(2)}`
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`
}

function bounded(value: number): number {
  return Math.max(-1, Math.min(1, value))
}
