import { ADX, ATR, BollingerBands, EMA, MACD, RSI, SMA } from '@debut/indicators'
import type { Cases } from '../case.js'

const sma = () => new SMA(20)
const ema = () => new EMA(20)
const rsi = () => new RSI(14)
const macd = () => new MACD(12, 26, 9)
const atr = () => new ATR(14)
const bollinger = () => new BollingerBands(20, 2)
const adx = () => new ADX(14)

export const cases: Cases = {
  sma: [sma, 'it.nextValue(c) ?? NaN'],
  ema: [ema, 'it.nextValue(c) ?? NaN'],
  rsi: [rsi, 'it.nextValue(c) ?? NaN'],
  macd: [macd, 'it.nextValue(c)?.histogram ?? NaN'],
  atr: [atr, 'it.nextValue(h, l, c) ?? NaN'],
  bollinger: [bollinger, 'it.nextValue(c)?.upper ?? NaN'],
  adx: [adx, 'it.nextValue(h, l, c)?.adx ?? NaN'],
  all: [
    () => ({ sma: sma(), ema: ema(), rsi: rsi(), macd: macd(), atr: atr(), bollinger: bollinger(), adx: adx() }),
    `(it.macd.nextValue(c)?.histogram ?? NaN) + (it.sma.nextValue(c) ?? NaN) + (it.ema.nextValue(c) ?? NaN) +
      (it.rsi.nextValue(c) ?? NaN) + (it.atr.nextValue(h, l, c) ?? NaN) + (it.bollinger.nextValue(c)?.upper ?? NaN) +
      (it.adx.nextValue(h, l, c)?.adx ?? NaN)`,
  ],
}
