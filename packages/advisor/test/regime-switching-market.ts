import { type CandleColumns, createRandom } from '@barfinex/core'

/** A generated market in columns, with the spread of each bar. */
export interface GeneratedMarket {
  readonly candles: CandleColumns
  /** Ask less bid at the close, in quote. */
  readonly spread: Float64Array
}

/** What training needs of a market generator: the same seed gives the same bars. */
export type GenerateCandles = (
  seed: number | string,
  count: number,
  time: { readonly barMs: number; readonly startTime: number },
) => GeneratedMarket

const stepsPerBar = 12

/**
 * A market that switches between ranging and trending, quiet and volatile, with clustered volatility, jumps and mild
 * autocorrelation whose sign and size depend on the seed. One market in four has no volume.
 */
export const generateCandles: GenerateCandles = (seed, count, { barMs, startTime }) => {
  const random = createRandom(`market/${seed}`)
  const columns = () => new Float64Array(count)
  const candles = {
    length: count,
    openTime: columns(),
    open: columns(),
    high: columns(),
    low: columns(),
    close: columns(),
    volume: columns(),
  }
  const spread = columns()
  const hasVolume = random.next() > 0.25
  const baseDeviation = 0.0006 * (1 + 4 * random.next())
  const spreadShare = 0.0001 + 0.0003 * random.next()
  const meanReversion = 0.02 * random.next()
  const momentum = 0.12 * (random.next() - 0.3)

  let log = Math.log(10 ** (1 + 3 * random.next()))
  let anchor = log
  let drift = 0
  let isTrending = false
  let logDeviation = 0
  let lastStep = 0
  for (let bar = 0; bar < count; bar += 1) {
    if (random.next() < (isTrending ? 1 / 90 : 1 / 130)) {
      isTrending = !isTrending
      drift = isTrending ? 0.12 * baseDeviation * (random.next() < 0.5 ? -1 : 1) * (0.5 + random.next()) : 0
      anchor = log
    }
    logDeviation = 0.985 * logDeviation + 0.12 * random.normal()
    const deviation = (baseDeviation * Math.exp(logDeviation)) / Math.sqrt(stepsPerBar)
    const open = log
    let high = log
    let low = log
    for (let step = 0; step < stepsPerBar; step += 1) {
      const pull = isTrending ? drift / stepsPerBar : (meanReversion * (anchor - log)) / stepsPerBar
      lastStep = pull + momentum * lastStep + deviation * random.normal()
      if (random.next() < 0.0004) lastStep += 8 * deviation * random.normal()
      log += lastStep
      high = Math.max(high, log)
      low = Math.min(low, log)
    }
    candles.openTime[bar] = startTime + bar * barMs
    candles.open[bar] = Math.exp(open)
    candles.high[bar] = Math.exp(high)
    candles.low[bar] = Math.exp(low)
    candles.close[bar] = Math.exp(log)
    candles.volume[bar] = hasVolume ? Math.exp(3 + 0.6 * random.normal() + 0.8 * logDeviation + 12 * (high - low)) : 0
    spread[bar] = Math.exp(log) * spreadShare * Math.exp(0.3 * random.normal() + 0.3 * logDeviation)
  }
  return { candles, spread }
}
