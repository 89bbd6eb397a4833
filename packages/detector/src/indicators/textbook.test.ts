import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type CandleSource, createCandleRow, sourceSlot, writeCandle } from './candle-row.js'
import type { IndicatorDefinition, OutputUnit } from './indicator.js'
import { type IndicatorName, indicatorCatalog, indicatorNames } from './indicator-catalog.js'
import { planIndicator } from './indicator-plan.js'

/**
 * Every indicator against its textbook definition, computed the slow way: whole series, whole windows, no shared code.
 * A reference gives one column per output, NaN where there is no value.
 */

interface Series {
  readonly open: readonly number[]
  readonly high: readonly number[]
  readonly low: readonly number[]
  readonly close: readonly number[]
  readonly volume: readonly number[]
  readonly openTime: readonly number[]
}
type Column = readonly number[]
type Complete<Name extends IndicatorName> = z.output<(typeof indicatorCatalog)[Name]['params']>
type Textbook = { readonly [Name in IndicatorName]: (series: Series, params: Complete<Name>) => readonly Column[] }

const places = (series: Series) => series.close.map((_, place) => place)
const each = (series: Series, value: (place: number) => number): Column => places(series).map(value)

function sourceOf(series: Series, source: CandleSource): Column {
  const { open, high, low, close, volume } = series
  const derived: Record<CandleSource, (place: number) => number> = {
    open: (at) => open[at]!,
    high: (at) => high[at]!,
    low: (at) => low[at]!,
    close: (at) => close[at]!,
    volume: (at) => volume[at]!,
    hl2: (at) => (high[at]! + low[at]!) / 2,
    hlc3: (at) => (high[at]! + low[at]! + close[at]!) / 3,
    ohlc4: (at) => (open[at]! + high[at]! + low[at]! + close[at]!) / 4,
    hlcc4: (at) => (high[at]! + low[at]! + close[at]! + close[at]!) / 4,
  }
  return each(series, derived[source])
}

const sum = (xs: Column) => xs.reduce((total, x) => total + x, 0)
const mean = (xs: Column) => sum(xs) / xs.length
const isFlat = (xs: Column) => xs.every((x) => x === xs[0])
/** Distances from the last number: what does not depend on the level is computed from these, since they are exact. */
const unlevelled = (xs: Column) => xs.map((x) => x - xs.at(-1)!)
const fromMean = (xs: Column) => unlevelled(xs).map((x) => x - mean(unlevelled(xs)))
const deviation = (xs: Column) => Math.sqrt(mean(fromMean(xs).map((x) => x ** 2)))
const ratio = (above: number, below: number, otherwise: number) => (below === 0 ? otherwise : above / below)
const zip = (a: Column, b: Column, join: (a: number, b: number) => number): Column => a.map((x, at) => join(x, b[at]!))
const back = (xs: Column, steps: number): Column => xs.map((_, at) => xs[at - steps] ?? Number.NaN)
const changes = (xs: Column) => zip(xs, back(xs, 1), (now, before) => now - before)

/** `of` applied to every full window of n; NaN before, and in windows that hold a NaN. */
function rolling(xs: Column, n: number, of: (window: Column) => number): Column {
  return xs.map((_, at) => {
    const window = xs.slice(Math.max(0, at - n + 1), at + 1)
    return window.length < n || window.some(Number.isNaN) ? Number.NaN : of(window)
  })
}

/** An average of which `weight` is replaced by each new number, from the mean of the first n numbers on. */
function recursive(xs: Column, n: number, weight: number): Column {
  const start = xs.findIndex((x) => !Number.isNaN(x))
  const out = xs.map(() => Number.NaN)
  if (start < 0 || start + n > xs.length) return out
  let average = mean(xs.slice(start, start + n))
  out[start + n - 1] = average
  for (let at = start + n; at < xs.length; at++) {
    average = average * (1 - weight) + xs[at]! * (1 - (1 - weight))
    out[at] = average
  }
  return out
}
const smaOf = (xs: Column, n: number) => rolling(xs, n, mean)
const emaOf = (xs: Column, n: number) => recursive(xs, n, 2 / (n + 1))
const rmaOf = (xs: Column, n: number) => recursive(xs, n, 1 / n)
const wmaOf = (xs: Column, n: number) =>
  rolling(xs, n, (window) => sum(window.map((x, at) => x * (at + 1))) / sum(window.map((_, at) => at + 1)))
const highestOf = (xs: Column, n: number) => rolling(xs, n, (window) => Math.max(...window))
const lowestOf = (xs: Column, n: number) => rolling(xs, n, (window) => Math.min(...window))
const sumOf = (xs: Column, n: number) => rolling(xs, n, sum)

function trueRanges({ high, low, close }: Series): Column {
  return high.map((top, at) => {
    const before = close[at - 1]
    const range = top - low[at]!
    return before === undefined ? range : Math.max(range, Math.abs(top - before), Math.abs(low[at]! - before))
  })
}
const atrOf = (series: Series, n: number) => rmaOf(trueRanges(series), n)
const up = (xs: Column) => changes(xs).map((x) => Math.max(x, 0))
const down = (xs: Column) => changes(xs).map((x) => Math.max(-x, 0))
const rsiOf = (xs: Column, n: number) =>
  zip(rmaOf(up(xs), n), rmaOf(down(xs), n), (gain, loss) => 100 * ratio(gain, gain + loss, 0.5))
const efficiencyOf = (xs: Column, n: number) =>
  zip(changesOver(xs, n), sumOf(changes(xs).map(Math.abs), n), (net, way) => ratio(Math.abs(net), way, net * 0))
const changesOver = (xs: Column, n: number) => zip(xs, back(xs, n), (now, before) => now - before)
const rocOf = (xs: Column, n: number) =>
  zip(xs, back(xs, n), (now, before) => 100 * ratio(now - before, before, Number.NaN))

function stochasticOf(high: Column, low: Column, close: Column, n: number, noise = 0): Column {
  const top = highestOf(high, n)
  const bottom = lowestOf(low, n)
  return close.map((x, at) =>
    top[at]! - bottom[at]! <= noise ? 50 : (100 * (x - bottom[at]!)) / (top[at]! - bottom[at]!),
  )
}
function convergence(xs: Column, fast: number, slow: number, signal: number, isPercent: boolean): Column[] {
  const slower = emaOf(xs, slow)
  const line = zip(emaOf(xs, fast), slower, (a, b) => (isPercent ? 100 * ratio(a - b, b, Number.NaN) : a - b))
  const average = emaOf(line, signal)
  return [line, average, zip(line, average, (a, b) => a - b)]
}
const middleOf = ({ high, low }: Series, n: number) =>
  zip(highestOf(high, n), lowestOf(low, n), (top, bottom) => (top + bottom) / 2)
const locations = ({ high, low, close }: Series): Column =>
  close.map((x, at) => (high[at] === low[at] ? 0 : (2 * x - high[at]! - low[at]!) / (high[at]! - low[at]!)))
const distributionOf = (series: Series): Column => {
  const flows = zip(locations(series), series.volume, (location, volume) => location * volume)
  return flows.map((_, at) => sum(flows.slice(0, at + 1)))
}
const bands = (xs: Column, n: number, width: number): [Column, Column, Column] => {
  const middle = smaOf(xs, n)
  const spread = rolling(xs, n, deviation)
  return [zip(middle, spread, (m, s) => m + width * s), middle, zip(middle, spread, (m, s) => m - width * s)]
}

function supertrendOf(series: Series, n: number, width: number): Column[] {
  const { high, low, close } = series
  const range = atrOf(series, n)
  const line = close.map(() => Number.NaN)
  const direction = close.map(() => Number.NaN)
  let upper = Number.NaN
  let lower = Number.NaN
  for (let at = n - 1; at < close.length; at++) {
    const middle = (high[at]! + low[at]!) / 2
    const basicUpper = middle + range[at]! * width
    const basicLower = middle - range[at]! * width
    const isFirst = at === n - 1
    upper = isFirst || basicUpper < upper || close[at - 1]! > upper ? basicUpper : upper
    lower = isFirst || basicLower > lower || close[at - 1]! < lower ? basicLower : lower
    if (isFirst) direction[at] = close[at]! >= middle ? 1 : -1
    else if (direction[at - 1] === 1) direction[at] = close[at]! < lower ? -1 : 1
    else direction[at] = close[at]! > upper ? 1 : -1
    line[at] = direction[at] === 1 ? lower : upper
  }
  return [line, direction]
}

function sarOf({ high, low, close }: Series, step: number, limit: number): Column[] {
  const sar = close.map(() => Number.NaN)
  const direction = close.map(() => Number.NaN)
  let extreme = Number.NaN
  let factor = Math.min(step, limit)
  for (let at = 1; at < close.length; at++) {
    const lows = low.slice(Math.max(0, at - 2), at)
    const highs = high.slice(Math.max(0, at - 2), at)
    if (at === 1) {
      direction[1] = close[1]! >= close[0]! ? 1 : -1
      const isUp = direction[1] === 1
      sar[1] = isUp ? Math.min(low[0]!, low[1]!) : Math.max(high[0]!, high[1]!)
      extreme = isUp ? Math.max(high[0]!, high[1]!) : Math.min(low[0]!, low[1]!)
      continue
    }
    const isUp = direction[at - 1] === 1
    const moved = sar[at - 1]! + factor * (extreme - sar[at - 1]!)
    const stop = isUp ? Math.min(moved, ...lows) : Math.max(moved, ...highs)
    const isTouched = isUp ? low[at]! < stop : high[at]! > stop
    const further = isUp ? Math.max(extreme, high[at]!) : Math.min(extreme, low[at]!)
    direction[at] = isTouched === isUp ? -1 : 1
    sar[at] = isTouched ? further : stop
    if (isTouched) factor = Math.min(step, limit)
    else if (further !== extreme) factor = Math.min(factor + step, limit)
    extreme = isTouched ? (isUp ? low[at]! : high[at]!) : further
  }
  return [sar, direction]
}

function adxOf(series: Series, n: number): Column[] {
  const { high, low } = series
  const rise = changes(high)
  const fall = changes(low).map((x) => -x)
  const plus = zip(rise, fall, (r, f) => (Number.isNaN(r) ? r : r > f && r > 0 ? r : 0))
  const minus = zip(rise, fall, (r, f) => (Number.isNaN(r) ? r : f > r && f > 0 ? f : 0))
  const range = rmaOf([Number.NaN, ...trueRanges(series).slice(1)], n)
  const plusDi = zip(rmaOf(plus, n), range, (movement, r) => 100 * ratio(movement, r, 0))
  const minusDi = zip(rmaOf(minus, n), range, (movement, r) => 100 * ratio(movement, r, 0))
  const directed = zip(plusDi, minusDi, (p, m) => 100 * ratio(Math.abs(p - m), p + m, 0))
  return [rmaOf(directed, n), plusDi, minusDi]
}

function kamaOf(xs: Column, n: number, fast: number, slow: number): Column {
  const efficiency = efficiencyOf(xs, n)
  const out = xs.map(() => Number.NaN)
  for (let at = n; at < xs.length; at++) {
    const before = at === n ? xs[at - 1]! : out[at - 1]!
    const smoothing = (efficiency[at]! * (2 / (fast + 1) - 2 / (slow + 1)) + 2 / (slow + 1)) ** 2
    out[at] = before + smoothing * (xs[at]! - before)
  }
  return out
}

function regressionOf(xs: Column, n: number): Column[] {
  const times = Array.from({ length: n }, (_, at) => at + 1)
  const spread = sum(times.map((t) => (t - mean(times)) ** 2))
  const line = (window: Column) => {
    const together = sum(fromMean(window).map((x, at) => (times[at]! - mean(times)) * x))
    const scatter = sum(fromMean(window).map((x) => x ** 2))
    const slope = together / spread
    return { slope, value: mean(window) + slope * (n - mean(times)), r2: ratio(together * slope, scatter, 0) }
  }
  return [
    rolling(xs, n, (window) => line(window).slope),
    rolling(xs, n, (window) => line(window).value),
    rolling(xs, n, (window) => line(window).r2),
  ]
}

const textbook: Textbook = {
  sma: (s, p) => [smaOf(sourceOf(s, p.source), p.period)],
  ema: (s, p) => [emaOf(sourceOf(s, p.source), p.period)],
  wma: (s, p) => [wmaOf(sourceOf(s, p.source), p.period)],
  rma: (s, p) => [rmaOf(sourceOf(s, p.source), p.period)],
  hma: (s, p) => {
    const x = sourceOf(s, p.source)
    const raw = zip(wmaOf(x, Math.floor(p.period / 2)), wmaOf(x, p.period), (half, whole) => 2 * half - whole)
    return [wmaOf(raw, Math.floor(Math.sqrt(p.period)))]
  },
  dema: (s, p) => {
    const first = emaOf(sourceOf(s, p.source), p.period)
    return [zip(first, emaOf(first, p.period), (a, b) => 2 * a - b)]
  },
  tema: (s, p) => {
    const first = emaOf(sourceOf(s, p.source), p.period)
    const second = emaOf(first, p.period)
    const third = emaOf(second, p.period)
    return [first.map((x, at) => 3 * x - 3 * second[at]! + third[at]!)]
  },
  trima: (s, p) => {
    const peak = (p.period + 1) / 2
    const weigh = (at: number) => Math.min(at + 1, p.period - at, Math.floor(peak))
    return [
      rolling(sourceOf(s, p.source), p.period, (window) => {
        const weights = window.map((_, at) => weigh(at))
        return sum(window.map((x, at) => x * weights[at]!)) / sum(weights)
      }),
    ]
  },
  kama: (s, p) => [kamaOf(sourceOf(s, p.source), p.period, p.fast, p.slow)],
  zlema: (s, p) => {
    const x = sourceOf(s, p.source)
    const lag = Math.floor((p.period - 1) / 2)
    return [
      emaOf(
        zip(x, back(x, lag), (now, before) => 2 * now - before),
        p.period,
      ),
    ]
  },
  vwma: (s, p) => {
    const turnover = zip(sourceOf(s, p.source), s.volume, (x, volume) => x * volume)
    return [zip(sumOf(turnover, p.period), sumOf(s.volume, p.period), (a, b) => ratio(a, b, Number.NaN))]
  },
  vwap: (s, p) => {
    const x = sourceOf(s, p.source)
    const session = s.openTime.map((time) => Math.floor((time - p.offsetMs) / p.sessionMs))
    const isMissed = s.openTime[0] !== undefined && (s.openTime[0] - p.offsetMs) % p.sessionMs !== 0
    return [
      each(s, (at) => {
        const mine = places(s).filter((other) => other <= at && session[other] === session[at])
        if (isMissed && session[at] === session[0]) return Number.NaN
        return ratio(sum(mine.map((it) => x[it]! * s.volume[it]!)), sum(mine.map((it) => s.volume[it]!)), Number.NaN)
      }),
    ]
  },
  rsi: (s, p) => [rsiOf(sourceOf(s, p.source), p.period)],
  macd: (s, p) => convergence(sourceOf(s, p.source), p.fast, p.slow, p.signal, false),
  ppo: (s, p) => convergence(sourceOf(s, p.source), p.fast, p.slow, p.signal, true),
  stochastic: (s, p) => {
    const k = smaOf(stochasticOf(s.high, s.low, s.close, p.period), p.smoothing)
    return [k, smaOf(k, p.signal)]
  },
  stochRsi: (s, p) => {
    const strength = rsiOf(sourceOf(s, p.source), p.rsi)
    const k = smaOf(stochasticOf(strength, strength, strength, p.period, 1e-9), p.smoothing)
    return [k, smaOf(k, p.signal)]
  },
  cci: (s, p) => {
    const x = sourceOf(s, 'hlc3')
    return [
      rolling(x, p.period, (window) => {
        if (isFlat(window)) return 0
        return fromMean(window).at(-1)! / (0.015 * mean(fromMean(window).map(Math.abs)))
      }),
    ]
  },
  williamsR: (s, p) => [stochasticOf(s.high, s.low, s.close, p.period).map((k) => k - 100)],
  roc: (s, p) => [rocOf(sourceOf(s, p.source), p.period)],
  momentum: (s, p) => [changesOver(sourceOf(s, p.source), p.period)],
  cmo: (s, p) => {
    const x = sourceOf(s, p.source)
    return [zip(sumOf(up(x), p.period), sumOf(down(x), p.period), (a, b) => 100 * ratio(a - b, a + b, 0))]
  },
  trix: (s, p) => {
    const n = p.period
    return [rocOf(emaOf(emaOf(emaOf(sourceOf(s, p.source), n), n), n), 1)]
  },
  tsi: (s, p) => {
    const step = changes(sourceOf(s, p.source))
    const twice = (xs: Column) => emaOf(emaOf(xs, p.long), p.short)
    const index = zip(twice(step), twice(step.map(Math.abs)), (a, b) => 100 * ratio(a, b, 0))
    return [index, emaOf(index, p.signal)]
  },
  awesomeOscillator: (s, p) => {
    const x = sourceOf(s, 'hl2')
    return [zip(smaOf(x, p.fast), smaOf(x, p.slow), (a, b) => a - b)]
  },
  ultimateOscillator: (s, p) => {
    const before = back(s.close, 1)
    const bottom = zip(s.low, before, Math.min)
    const pressure = zip(s.close, bottom, (a, b) => a - b)
    const range = zip(zip(s.high, before, Math.max), bottom, (a, b) => a - b)
    const part = (n: number) => zip(sumOf(pressure, n), sumOf(range, n), (a, b) => ratio(a, b, 0.5))
    const [short, middle, long] = [part(p.short), part(p.middle), part(p.long)]
    return [each(s, (at) => (100 * (4 * short[at]! + 2 * middle[at]! + long[at]!)) / 7)]
  },
  mfi: (s, p) => {
    const x = sourceOf(s, 'hlc3')
    const flow = (sign: number) =>
      changes(x).map((change, at) =>
        Number.isNaN(change) ? change : Math.sign(change) === sign ? x[at]! * s.volume[at]! : 0,
      )
    return [zip(sumOf(flow(1), p.period), sumOf(flow(-1), p.period), (a, b) => 100 * ratio(a, a + b, 0.5))]
  },
  adx: (s, p) => adxOf(s, p.period),
  aroon: (s, p) => {
    const recency = (xs: Column) =>
      rolling(xs, p.period + 1, (window) => (100 * window.lastIndexOf(Math.max(...window))) / p.period)
    const above = recency(s.high)
    const below = recency(s.low.map((x) => -x))
    return [above, below, zip(above, below, (a, b) => a - b)]
  },
  supertrend: (s, p) => supertrendOf(s, p.period, p.width),
  parabolicSar: (s, p) => sarOf(s, p.step, p.limit),
  linearRegression: (s, p) => regressionOf(sourceOf(s, p.source), p.period),
  efficiencyRatio: (s, p) => [efficiencyOf(sourceOf(s, p.source), p.period)],
  vortex: (s, p) => {
    const range = sumOf([Number.NaN, ...trueRanges(s).slice(1)], p.period)
    const plus = zip(s.high, back(s.low, 1), (a, b) => Math.abs(a - b))
    const minus = zip(s.low, back(s.high, 1), (a, b) => Math.abs(a - b))
    return [plus, minus].map((movement) => zip(sumOf(movement, p.period), range, (a, b) => ratio(a, b, 0)))
  },
  ichimoku: (s, p) => {
    const conversion = middleOf(s, p.conversion)
    const base = middleOf(s, p.base)
    return [conversion, base, zip(conversion, base, (a, b) => (a + b) / 2), middleOf(s, p.span)]
  },
  heikinAshi: (s) => {
    const close = sourceOf(s, 'ohlc4')
    const open: number[] = []
    for (const at of places(s)) {
      open.push(at === 0 ? (s.open[0]! + s.close[0]!) / 2 : (open[at - 1]! + close[at - 1]!) / 2)
    }
    return [
      open,
      each(s, (at) => Math.max(s.high[at]!, open[at]!, close[at]!)),
      each(s, (at) => Math.min(s.low[at]!, open[at]!, close[at]!)),
      close,
    ]
  },
  trueRange: (s) => [trueRanges(s)],
  atr: (s, p) => [atrOf(s, p.period)],
  natr: (s, p) => [zip(atrOf(s, p.period), s.close, (range, close) => (100 * range) / close)],
  bollinger: (s, p) => bands(sourceOf(s, p.source), p.period, p.width),
  bollingerPlace: (s, p) => {
    const x = sourceOf(s, p.source)
    const half = rolling(x, p.period, (window) => p.width * deviation(window))
    const fromLower = zip(
      rolling(x, p.period, (window) => fromMean(window).at(-1)!),
      half,
      (a, b) => a + b,
    )
    return [
      zip(fromLower, half, (a, b) => ratio(a, 2 * b, 0.5)),
      zip(half, smaOf(x, p.period), (a, b) => ratio(2 * a, b, Number.NaN)),
    ]
  },
  keltner: (s, p) => {
    const middle = emaOf(sourceOf(s, p.source), p.period)
    const range = atrOf(s, p.atrPeriod)
    return [zip(middle, range, (m, r) => m + p.width * r), middle, zip(middle, range, (m, r) => m - p.width * r)]
  },
  donchian: (s, p) => [highestOf(s.high, p.period), middleOf(s, p.period), lowestOf(s.low, p.period)],
  highest: (s, p) => [highestOf(sourceOf(s, p.source), p.period)],
  lowest: (s, p) => [lowestOf(sourceOf(s, p.source), p.period)],
  standardDeviation: (s, p) => {
    const correction = p.sample ? Math.sqrt(p.period / (p.period - 1)) : 1
    return [rolling(sourceOf(s, p.source), p.period, (window) => deviation(window) * correction)]
  },
  zScore: (s, p) => [
    rolling(sourceOf(s, p.source), p.period, (window) =>
      isFlat(window) ? 0 : fromMean(window).at(-1)! / deviation(window),
    ),
  ],
  realizedVolatility: (s, p) => {
    const x = sourceOf(s, p.source)
    const returns = zip(x, back(x, 1), (now, before) => Math.log(now) - Math.log(before))
    return [
      rolling(returns, p.period, (window) => Math.sqrt((p.candlesPerYear * sum(window.map((r) => r * r))) / p.period)),
    ]
  },
  choppiness: (s, p) => {
    const range = zip(highestOf(s.high, p.period), lowestOf(s.low, p.period), (a, b) => a - b)
    return [
      zip(sumOf(trueRanges(s), p.period), range, (way, r) =>
        r === 0 ? 100 : (100 * Math.log10(way / r)) / Math.log10(p.period),
      ),
    ]
  },
  massIndex: (s, p) => {
    const range = emaOf(
      zip(s.high, s.low, (a, b) => a - b),
      p.smoothing,
    )
    return [
      sumOf(
        zip(range, emaOf(range, p.smoothing), (a, b) => ratio(a, b, b * 0 + 1)),
        p.period,
      ),
    ]
  },
  obv: (s) => {
    const signed = changes(s.close).map((change, at) => (at === 0 ? 0 : Math.sign(change) * s.volume[at]!))
    return [signed.map((_, at) => sum(signed.slice(0, at + 1)))]
  },
  accumulationDistribution: (s) => [distributionOf(s)],
  chaikinMoneyFlow: (s, p) => {
    const flow = zip(locations(s), s.volume, (location, volume) => location * volume)
    return [zip(sumOf(flow, p.period), sumOf(s.volume, p.period), (a, b) => ratio(a, b, 0))]
  },
  chaikinOscillator: (s, p) => {
    const line = distributionOf(s)
    return [zip(emaOf(line, p.fast), emaOf(line, p.slow), (a, b) => a - b)]
  },
  forceIndex: (s, p) => [
    emaOf(
      zip(changes(s.close), s.volume, (change, volume) => change * volume),
      p.period,
    ),
  ],
  relativeVolume: (s, p) => [zip(s.volume, back(smaOf(s.volume, p.period), 1), (a, b) => ratio(a, b, Number.NaN))],
}

/** Candles on a coarse grid of ticks, so that equal prices, flat stretches and candles without range or volume are common. */
const candleSteps = fc.array(
  fc.record({
    gap: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -9, max: 9 }) }),
    move: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -2, max: 2 }) },
      { weight: 3, arbitrary: fc.integer({ min: -40, max: 40 }) },
      { weight: 1, arbitrary: fc.integer({ min: -2_000, max: 2_000 }) },
    ),
    above: fc.integer({ min: 0, max: 3 }),
    below: fc.integer({ min: 0, max: 3 }),
    volume: fc.oneof(
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 900 }) },
    ),
  }),
  { minLength: 1, maxLength: 90, size: 'max' },
)
const anySeries: fc.Arbitrary<Series> = fc
  .record({ steps: candleSteps, tick: fc.constantFrom(0.5, 0.1, 0.0003), startMinute: fc.integer({ min: 0, max: 3 }) })
  .map(({ steps, tick, startMinute }) => {
    const series = { open: [], high: [], low: [], close: [], volume: [], openTime: [] } as Record<string, number[]>
    let last = 300_000
    steps.forEach(({ gap, move, above, below, volume }, at) => {
      const open = last + gap
      const close = open + move
      series['open']!.push(open * tick)
      series['close']!.push(close * tick)
      series['high']!.push((Math.max(open, close) + above) * tick)
      series['low']!.push((Math.min(open, close) - below) * tick)
      series['volume']!.push(volume * 0.1)
      series['openTime']!.push((startMinute + at) * 60_000)
      last = close
    })
    return series as unknown as Series
  })

interface Described {
  readonly properties?: Readonly<Record<string, { type?: string; minimum?: number; enum?: readonly string[] }>>
}

/** Small parameters of every kind that the schema allows. */
function anyParams(definition: IndicatorDefinition): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {} } = z.toJSONSchema(definition.params) as Described
  return fc.record(
    Object.fromEntries(
      Object.entries(properties).map(([name, { type, minimum, enum: choices }]) => {
        if (name === 'sessionMs') return [name, fc.constantFrom(120_000, 1_200_000, 86_400_000)]
        if (name === 'offsetMs') return [name, fc.constantFrom(0, 60_000)]
        if (choices !== undefined) return [name, fc.constantFrom(...choices.filter((choice) => choice !== 'volume'))]
        if (type === 'boolean') return [name, fc.boolean()]
        if (type === 'integer') return [name, fc.integer({ min: minimum ?? 1, max: 13 })]
        return [name, fc.constantFrom(0.02, 0.5, 2, 3)]
      }),
    ),
  )
}

/** Rounding that both ways of computing may leave, in the unit of the output. */
function tolerance(unit: OutputUnit, expected: number, series: Series): number {
  const price = Math.max(...series.high)
  const noise: Record<OutputUnit, number> = {
    price: 0,
    // A difference of prices is as exact as the prices are; a root of squared differences is not better than this.
    distance: price * 1e-12,
    percent: 1e-9,
    // A quotient of differences: what a price rounds to, over the smallest difference there is.
    ratio: 1e-8,
    direction: 0,
    volume: 1e-9,
    flow: price * 1e-9,
  }
  return Math.abs(expected) * 1e-9 + noise[unit]
}

function columnsOf(name: IndicatorName, params: never, series: Series): number[][] {
  const plan = planIndicator(name, params)
  const indicator = plan.create()
  const row = createCandleRow()
  const columns: number[][] = plan.outputs.map(() => [])
  for (const at of places(series)) {
    const { open, high, low, close, volume, openTime } = series
    indicator.next(writeCandle(row, open[at]!, high[at]!, low[at]!, close[at]!, volume[at]!, openTime[at]!))
    columns.forEach((column, output) => {
      column.push(indicator.values[output]!)
    })
  }
  return columns
}

describe('streaming equals the textbook', () => {
  it.each(indicatorNames)('%s', (name) => {
    const definition: IndicatorDefinition = indicatorCatalog[name]
    fc.assert(
      fc.property(anySeries, anyParams(definition), (series, params) => {
        const complete = definition.params.parse(params) as never
        const expected = textbook[name](series, complete)
        const actual = columnsOf(name, complete, series)
        expect(expected.length).toBe(definition.outputs.length)
        definition.outputs.forEach(({ name: output, unit }, index) => {
          expected[index]!.forEach((value, at) => {
            const got = actual[index]![at]!
            const isEqual =
              Number.isNaN(value) || Number.isNaN(got)
                ? Number.isNaN(value) === Number.isNaN(got)
                : Math.abs(got - value) <= tolerance(unit, value, series)
            if (!isEqual) expect.fail(`${output} of candle ${at} is ${got}, the textbook says ${value}`)
          })
        })
      }),
      { numRuns: 100 },
    )
  })
})

it('reads a source where the row keeps it', () => {
  const row = writeCandle(createCandleRow(), 1, 9, 0.5, 4, 7, 60_000)
  const series: Series = { open: [1], high: [9], low: [0.5], close: [4], volume: [7], openTime: [60_000] }
  for (const source of ['open', 'high', 'low', 'close', 'volume', 'hl2', 'hlc3', 'ohlc4', 'hlcc4'] as const) {
    expect(row[sourceSlot(source)]).toBe(sourceOf(series, source)[0])
  }
})
