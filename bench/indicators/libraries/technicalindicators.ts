import { ADX, ATR, BollingerBands, EMA, MACD, RSI, SMA } from 'technicalindicators'
import type { Cases } from '../case.js'

const macd = {
  fastPeriod: 12,
  slowPeriod: 26,
  signalPeriod: 9,
  SimpleMAOscillator: false,
  SimpleMASignal: false,
  values: [],
}
const columns = { high: [], low: [], close: [] }
const candle = '{ open: c, high: h, low: l, close: c }'

export const cases: Cases = {
  sma: [() => new SMA({ period: 20, values: [] }), 'it.nextValue(c) ?? NaN'],
  ema: [() => new EMA({ period: 20, values: [] }), 'it.nextValue(c) ?? NaN'],
  rsi: [() => new RSI({ period: 14, values: [] }), 'it.nextValue(c) ?? NaN'],
  macd: [() => new MACD(macd), 'it.nextValue(c)?.histogram ?? NaN'],
  atr: [() => new ATR({ period: 14, ...columns }), `it.nextValue(${candle}) ?? NaN`],
  bollinger: [() => new BollingerBands({ period: 20, stdDev: 2, values: [] }), 'it.nextValue(c)?.upper ?? NaN'],
  adx: [() => new ADX({ period: 14, ...columns }), `it.nextValue(${candle})?.adx ?? NaN`],
}
