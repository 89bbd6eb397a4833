import { type Regime, regimes } from '../regime/regime.js'
import type { CalibrationMaps } from './calibration-state.js'
import { fitMap, identityMap, type LogisticMap } from './logistic-map.js'

/** How hard the maps are held back. */
export interface Shrinkage {
  /** Pseudo-outcomes that pull the global map towards changing nothing. */
  readonly globalPseudoCount: number
  /** Pseudo-outcomes that pull a regime's map towards the global one. */
  readonly regimePseudoCount: number
}

export const defaultShrinkage: Shrinkage = { globalPseudoCount: 50, regimePseudoCount: 400 }

/** Outcomes in columns, with the index of their regime and a weight. */
export interface CalibrationSample {
  readonly logits: ArrayLike<number>
  readonly won: ArrayLike<number>
  readonly regimes: ArrayLike<number>
  readonly weights: ArrayLike<number>
}

/**
 * Fits the global map, then one map per regime pulled towards it: with 20 outcomes a regime's map is the global one,
 * with 4,000 it is its own.
 */
export function fitMaps(sample: CalibrationSample, shrinkage: Shrinkage = defaultShrinkage): CalibrationMaps {
  const global = fitMap(
    columnsWhere(sample, () => true),
    identityMap,
    shrinkage.globalPseudoCount,
  )
  const byRegime = {} as Record<Regime, LogisticMap>
  regimes.forEach((regime, index) => {
    const own = columnsWhere(sample, (i) => sample.regimes[i] === index)
    byRegime[regime] = fitMap(own, global, shrinkage.regimePseudoCount)
  })
  return { global, regimes: byRegime }
}

function columnsWhere(sample: CalibrationSample, keep: (index: number) => boolean) {
  const chosen: number[] = []
  for (let i = 0; i < sample.logits.length; i += 1) if (keep(i)) chosen.push(i)
  return {
    z: Float64Array.from(chosen, (i) => sample.logits[i]!),
    y: Float64Array.from(chosen, (i) => sample.won[i]!),
    weight: Float64Array.from(chosen, (i) => sample.weights[i]!),
  }
}
