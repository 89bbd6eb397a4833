import type { CandleColumns } from '@barfinex/core'
import type { MarketSnapshot } from '../market/market-snapshot.js'
import type { Contribution } from '../model/conviction-model.js'
import type { Score } from '../stages/3-score.js'
import type { CalibrationFound } from '../stages/5-calibration.js'
import type { Evidence, EvidenceUnit } from './synthesis.js'

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
  const { parts } = score
  const rows: Row[] = [
    row('trend agreement across timeframes', 'score', parts.trend, signed(parts.trend), parts.trend),
    row('recent momentum', 'score', parts.momentum, signed(parts.momentum), parts.momentum),
    row('distance from the usual range', 'score', parts.stretch, signed(parts.stretch), parts.stretch),
    row('fit of the stop to volatility', 'score', parts.volatility, signed(parts.volatility), parts.volatility),
    row('cost against the risk', 'R', economics.costR, `${economics.costR.toFixed(2)} R`, parts.cost),
    row('room to the next swing', 'score', parts.structure, signed(parts.structure), parts.structure),
    row('calibrated probability', 'share', calibrated.probability, percent(calibrated.probability), 4 * expectedR),
    row('expected result after costs', 'R', expectedR, `${expectedR.toFixed(2)} R`, 4 * expectedR),
    row(
      'gross reward to risk',
      'ratio',
      economics.rewardToRiskGross,
      economics.rewardToRiskGross.toFixed(2),
      economics.rewardToRiskGross - 1,
    ),
    ...(snapshot.regime === null ? [] : regimeRows(snapshot.regime)),
    ...(snapshot.candles === null ? [] : changingRows(snapshot.candles)),
    ...contributions.map((it) =>
      row(`model input ${it.feature}`, 'model input', it.value, it.value.toFixed(3), 2 * it.effect),
    ),
  ]
  return rows
    .filter((it) => Number.isFinite(it.value) && Number.isFinite(it.support))
    .slice(0, 48)
    .map((it, index) => ({ id: `E${String(index + 1).padStart(2, '0')}`, ...it }))
}

type Row = Omit<Evidence, 'id'>

function regimeRows({ volatilityRank, efficiency }: NonNullable<MarketSnapshot['regime']>): readonly Row[] {
  return [
    row('rank of volatility', 'share', volatilityRank, percent(volatilityRank), 0),
    row('efficiency of the recent move', 'share', efficiency, percent(efficiency), 0),
  ]
}

/** Values with what they were twelve bars ago. Indexed, so that they name neither a market nor a date. */
function changingRows({ length, close, high, low, volume }: CandleColumns): readonly Row[] {
  if (length < 60) return []
  const base = close[length - 49] as number
  const price = (index: number) => (100 * (close[index] as number)) / base
  const mean = (of: (index: number) => number, until: number, count: number) => {
    let sum = 0
    for (let index = until - count + 1; index <= until; index += 1) sum += of(index)
    return sum / count
  }
  const range = (index: number) => ((high[index] as number) - (low[index] as number)) / (close[index] as number)
  const traded = (index: number) => volume[index] as number
  const usual = mean(traded, length - 1, 48)
  const at = [length - 1, length - 13] as const
  const [priceNow, priceBefore] = [price(at[0]), price(at[1])]
  const [rangeNow, rangeBefore] = [mean(range, at[0], 12), mean(range, at[1], 12)]
  const [volumeNow, volumeBefore] = [(100 * mean(traded, at[0], 12)) / usual, (100 * mean(traded, at[1], 12)) / usual]
  const shareText = `${(100 * rangeNow).toFixed(3)} %`
  return [
    row('price over the recent window', 'price index', priceNow, priceNow.toFixed(2), 0, priceBefore),
    row('mean range of a bar against the price', 'share', rangeNow, shareText, 0, rangeBefore),
    row('volume against the usual volume', 'volume index', volumeNow, volumeNow.toFixed(0), 0, volumeBefore),
  ]
}

function row(
  name: string,
  unit: EvidenceUnit,
  value: number,
  text: string,
  support: number,
  before: number | null = null,
): Row {
  const isBefore = before !== null && Number.isFinite(before)
  return { name, unit, value, text, support: Number(bounded(support).toFixed(4)), before: isBefore ? before : null }
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
