export { AccumulationDistribution } from './accumulation-distribution.js'
export { Adx } from './adx.js'
export { Aroon } from './aroon.js'
export { Atr, Natr } from './atr.js'
export { AwesomeOscillator } from './awesome-oscillator.js'
export { Bollinger, BollingerPlace } from './bollinger.js'
export {
  type CandleInput,
  type CandleRow,
  type CandleSource,
  candleSources,
  createCandleRow,
  sourceSlot,
  writeCandle,
} from './candle-row.js'
export { Cci } from './cci.js'
export { ChaikinMoneyFlow } from './chaikin-money-flow.js'
export { ChaikinOscillator } from './chaikin-oscillator.js'
export { Choppiness } from './choppiness.js'
export { Cmo } from './cmo.js'
export { Cross } from './cross.js'
export { Donchian } from './donchian.js'
export { EfficiencyRatio } from './efficiency-ratio.js'
export { Ema } from './ema.js'
export { Highest, Lowest } from './extremes.js'
export { ForceIndex } from './force-index.js'
export { HeikinAshi } from './heikin-ashi.js'
export { Hma } from './hma.js'
export { Ichimoku } from './ichimoku.js'
export type { Indicator, IndicatorDefinition, IndicatorOutput, OutputUnit, SourceIndicator } from './indicator.js'
export {
  type IndicatorName,
  type IndicatorParams,
  indicatorCatalog,
  indicatorNames,
  isIndicatorName,
} from './indicator-catalog.js'
export { describeIndicators, type IndicatorDescription, type IndicatorParam } from './indicator-description.js'
export { createIndicator, type IndicatorPlan, parseIndicator, planIndicator } from './indicator-plan.js'
export { Kama } from './kama.js'
export { Keltner } from './keltner.js'
export { LinearRegression } from './linear-regression.js'
export { Macd } from './macd.js'
export { MassIndex } from './mass-index.js'
export { Mfi } from './mfi.js'
export { Dema, Tema } from './multiple-ema.js'
export { Obv } from './obv.js'
export { ParabolicSar } from './parabolic-sar.js'
export { Ppo } from './ppo.js'
export { Momentum, Roc } from './rate-of-change.js'
export { RealizedVolatility } from './realized-volatility.js'
export { RelativeVolume } from './relative-volume.js'
export { Rma } from './rma.js'
export { Rsi } from './rsi.js'
export { Sma } from './sma.js'
export { StandardDeviation, ZScore } from './standard-deviation.js'
export { StochRsi } from './stoch-rsi.js'
export { Stochastic } from './stochastic.js'
export { Supertrend } from './supertrend.js'
export { Trima } from './trima.js'
export { Trix } from './trix.js'
export { TrueRange } from './true-range.js'
export { Tsi } from './tsi.js'
export { UltimateOscillator } from './ultimate-oscillator.js'
export { Vortex } from './vortex.js'
export { Vwap } from './vwap.js'
export { Vwma } from './vwma.js'
export { WilliamsR } from './williams-r.js'
export { Wma } from './wma.js'
export { Zlema } from './zlema.js'
