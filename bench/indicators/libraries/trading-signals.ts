import { ADX, ATR, BollingerBands, EMA, MACD, RSI, SMA } from 'trading-signals'
import type { Cases } from '../case.js'

const candle = '{ high: h, low: l, close: c }'

export const cases: Cases = {
  sma: [() => new SMA(20), 'it.update(c, false) ?? NaN'],
  ema: [() => new EMA(20), 'it.update(c, false) ?? NaN'],
  rsi: [() => new RSI(14), 'it.update(c, false) ?? NaN'],
  macd: [() => new MACD(new EMA(12), new EMA(26), new EMA(9)), 'it.update(c, false)?.histogram ?? NaN'],
  atr: [() => new ATR(14), `it.update(${candle}, false) ?? NaN`],
  bollinger: [() => new BollingerBands(20, 2), 'it.update(c, false)?.upper ?? NaN'],
  adx: [() => new ADX(14), `it.update(${candle}, false) ?? NaN`],
}
