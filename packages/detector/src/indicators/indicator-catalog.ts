import type { z } from 'zod'
import { accumulationDistribution } from './accumulation-distribution.js'
import { adx } from './adx.js'
import { aroon } from './aroon.js'
import { atr, natr } from './atr.js'
import { awesomeOscillator } from './awesome-oscillator.js'
import { bollinger, bollingerPlace } from './bollinger.js'
import { cci } from './cci.js'
import { chaikinMoneyFlow } from './chaikin-money-flow.js'
import { chaikinOscillator } from './chaikin-oscillator.js'
import { choppiness } from './choppiness.js'
import { cmo } from './cmo.js'
import { donchian } from './donchian.js'
import { efficiencyRatio } from './efficiency-ratio.js'
import { ema } from './ema.js'
import { highest, lowest } from './extremes.js'
import { forceIndex } from './force-index.js'
import { heikinAshi } from './heikin-ashi.js'
import { hma } from './hma.js'
import { ichimoku } from './ichimoku.js'
import type { IndicatorDefinition } from './indicator.js'
import { kama } from './kama.js'
import { keltner } from './keltner.js'
import { linearRegression } from './linear-regression.js'
import { macd } from './macd.js'
import { massIndex } from './mass-index.js'
import { mfi } from './mfi.js'
import { dema, tema } from './multiple-ema.js'
import { obv } from './obv.js'
import { parabolicSar } from './parabolic-sar.js'
import { ppo } from './ppo.js'
import { momentum, roc } from './rate-of-change.js'
import { realizedVolatility } from './realized-volatility.js'
import { relativeVolume } from './relative-volume.js'
import { rma } from './rma.js'
import { rsi } from './rsi.js'
import { sma } from './sma.js'
import { standardDeviation, zScore } from './standard-deviation.js'
import { stochRsi } from './stoch-rsi.js'
import { stochastic } from './stochastic.js'
import { supertrend } from './supertrend.js'
import { trima } from './trima.js'
import { trix } from './trix.js'
import { trueRangeIndicator } from './true-range.js'
import { tsi } from './tsi.js'
import { ultimateOscillator } from './ultimate-oscillator.js'
import { vortex } from './vortex.js'
import { vwap } from './vwap.js'
import { vwma } from './vwma.js'
import { williamsR } from './williams-r.js'
import { wma } from './wma.js'
import { zlema } from './zlema.js'

/** Every indicator there is, by name. Documentation and strategies are made from this. */
export const indicatorCatalog = {
  // averages
  sma,
  ema,
  wma,
  hma,
  dema,
  tema,
  trima,
  rma,
  kama,
  zlema,
  vwma,
  vwap,
  // oscillators
  rsi,
  macd,
  ppo,
  stochastic,
  stochRsi,
  cci,
  williamsR,
  roc,
  momentum,
  cmo,
  trix,
  tsi,
  awesomeOscillator,
  ultimateOscillator,
  mfi,
  // trend
  adx,
  aroon,
  supertrend,
  parabolicSar,
  linearRegression,
  efficiencyRatio,
  vortex,
  ichimoku,
  heikinAshi,
  // range and spread
  trueRange: trueRangeIndicator,
  atr,
  natr,
  bollinger,
  bollingerPlace,
  keltner,
  donchian,
  highest,
  lowest,
  standardDeviation,
  zScore,
  realizedVolatility,
  choppiness,
  massIndex,
  // volume
  obv,
  accumulationDistribution,
  chaikinMoneyFlow,
  chaikinOscillator,
  forceIndex,
  relativeVolume,
} as const satisfies Readonly<Record<string, IndicatorDefinition>>

/** The name of an indicator of the catalog. */
export type IndicatorName = keyof typeof indicatorCatalog

/** What an indicator may be given; everything has a default. */
export type IndicatorParams<Name extends IndicatorName> = z.input<(typeof indicatorCatalog)[Name]['params']>

/** All names, in the order of the catalog. */
export const indicatorNames = Object.keys(indicatorCatalog) as [IndicatorName, ...IndicatorName[]]

/** True when the catalog has an indicator of this name. */
export function isIndicatorName(name: string): name is IndicatorName {
  return Object.hasOwn(indicatorCatalog, name)
}
