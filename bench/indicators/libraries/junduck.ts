import { ADX, ATR, BBANDS, EMA, MACD, RSI, SMA } from '@junduck/trading-indi'
import type { Cases } from '../case.js'

const sma = () => new SMA({ period: 20 })
const ema = () => new EMA({ period: 20 })
const rsi = () => new RSI({ period: 14 })
const macd = () => new MACD({ period_fast: 12, period_slow: 26, period_signal: 9 })
const atr = () => new ATR({ period: 14 })
const bollinger = () => new BBANDS({ period: 20, Nstddev: 2 })
const adx = () => new ADX({ period: 14 })

export const cases: Cases = {
  sma: [sma, 'it.update(c)'],
  ema: [ema, 'it.update(c)'],
  rsi: [rsi, 'it.update(c)'],
  macd: [macd, 'it.update(c).histogram'],
  atr: [atr, 'it.update(h, l, c)'],
  bollinger: [bollinger, 'it.update(c).upper'],
  adx: [adx, 'it.update(h, l, c)'],
  all: [
    () => ({ sma: sma(), ema: ema(), rsi: rsi(), macd: macd(), atr: atr(), bollinger: bollinger(), adx: adx() }),
    `it.macd.update(c).histogram + it.sma.update(c) + it.ema.update(c) + it.rsi.update(c) + it.atr.update(h, l, c) +
      it.bollinger.update(c).upper + it.adx.update(h, l, c)`,
  ],
}
