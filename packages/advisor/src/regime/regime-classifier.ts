import { RankWindow } from './rank-window.js'
import type { Regime, RegimeReading } from './regime.js'

/** Windows and thresholds of the classifier. Each axis switches on above `on` and off below `off`. */
export interface RegimeOptions {
  /** Decay of the exponentially weighted variance, per bar. */
  readonly volatilityDecay: number
  /** Bars over which the present volatility is ranked. */
  readonly volatilityWindow: number
  readonly volatilityOn: number
  readonly volatilityOff: number
  /** Bars over which the efficiency ratio is taken. */
  readonly trendWindow: number
  readonly trendOn: number
  readonly trendOff: number
  /** Bars after a change during which `transition` holds. */
  readonly transitionBars: number
}

export const defaultRegimeOptions: RegimeOptions = {
  volatilityDecay: 0.94,
  volatilityWindow: 500,
  volatilityOn: 0.75,
  volatilityOff: 0.55,
  trendWindow: 48,
  trendOn: 0.35,
  trendOff: 0.2,
  transitionBars: 6,
}

/** Reads the regime bar by bar. */
export interface RegimeClassifier {
  /** Takes the close of the next closed candle. Constant cost per bar. */
  update(close: number): RegimeReading
  /** The last reading, or `null` before the first close. */
  readonly reading: RegimeReading | null
}

/**
 * A causal regime classifier with hysteresis on two axes.
 *
 * Volatility is the rank of the exponentially weighted deviation of log returns in its own last 500 values; trend is
 * Kaufman's efficiency ratio over 48 bars. A reading uses closes up to its own bar and nothing later, and multiplying
 * all prices by a constant changes nothing. Hysteresis more than halves the changes of regime.
 *
 * @example
 * const classifier = createRegimeClassifier()
 * for (let i = 1; i <= 600; i += 1) classifier.update(100 * 1.001 ** i)
 * classifier.reading?.regime // => 'quietTrend'
 */
export function createRegimeClassifier(options: RegimeOptions = defaultRegimeOptions): RegimeClassifier {
  const { volatilityWindow, trendWindow } = options
  const deviations = new RankWindow(volatilityWindow)
  const returns = new Float64Array(trendWindow)
  let lastLog = Number.NaN
  let variance = 0
  let returnCount = 0
  let volatile = false
  let trending = false
  let barCount = 0
  let reading: RegimeReading | null = null

  function update(close: number): RegimeReading {
    const log = Math.log(close)
    if (!Number.isNaN(lastLog)) push(log - lastLog)
    lastLog = log

    const volatilityRank = deviations.rankOfLast()
    const efficiency = efficiencyOf(returns, returnCount)
    const wasVolatile = volatile
    const wasTrending = trending
    volatile = volatile ? volatilityRank >= options.volatilityOff : volatilityRank > options.volatilityOn
    trending = trending ? efficiency >= options.trendOff : efficiency > options.trendOn
    const changed = volatile !== wasVolatile || trending !== wasTrending
    barCount = changed ? 1 : barCount + 1

    reading = {
      regime: regimeOf(volatile, trending),
      transition: barCount <= options.transitionBars || returnCount < volatilityWindow,
      membership: Math.min(
        depth(volatilityRank, volatile, options.volatilityOff, options.volatilityOn),
        depth(efficiency, trending, options.trendOff, options.trendOn),
      ),
      volatilityRank,
      efficiency,
      barCount,
    }
    return reading
  }

  function push(value: number): void {
    const { volatilityDecay } = options
    variance = returnCount === 0 ? value * value : volatilityDecay * variance + (1 - volatilityDecay) * value * value
    deviations.push(Math.sqrt(variance))
    returns[returnCount % trendWindow] = value
    returnCount += 1
  }

  return {
    update,
    get reading() {
      return reading
    },
  }
}

function regimeOf(volatile: boolean, trending: boolean): Regime {
  if (volatile) return trending ? 'volatileTrend' : 'volatileRange'
  return trending ? 'quietTrend' : 'quietRange'
}

/** Summed from scratch each bar: 48 additions are cheap, and a running sum would carry rounding along for ever. */
function efficiencyOf(ring: Float64Array, written: number): number {
  if (written < ring.length) return 0
  let net = 0
  let path = 0
  for (let i = 0; i < ring.length; i += 1) {
    net += ring[i]!
    path += Math.abs(ring[i]!)
  }
  return path > 0 ? Math.abs(net) / path : 0
}

/** 1 beyond the threshold by which the state was entered, 0 at the one by which it is left. */
function depth(value: number, isOn: boolean, off: number, on: number): number {
  const share = isOn ? (value - off) / (on - off) : (on - value) / (on - off)
  return Math.min(1, Math.max(0, share))
}
