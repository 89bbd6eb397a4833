import type { Cases } from '../case.js'
import {
  HandTightAdx,
  HandTightAtr,
  HandTightBollinger,
  HandTightEma,
  HandTightMacd,
  HandTightRsi,
  HandTightSma,
} from '../hand-tight.js'

const sma = () => new HandTightSma(20)
const ema = () => new HandTightEma(20)
const rsi = () => new HandTightRsi(14)
const macd = () => new HandTightMacd(12, 26, 9)
const atr = () => new HandTightAtr(14)
const bollinger = () => new HandTightBollinger(20, 2)
const adx = () => new HandTightAdx(14)

export const cases: Cases = {
  sma: [sma, 'it.update(c)'],
  ema: [ema, 'it.update(c)'],
  rsi: [rsi, 'it.update(c)'],
  macd: [macd, 'it.update(c)'],
  atr: [atr, 'it.update(h, l, c)'],
  bollinger: [bollinger, 'it.update(c)'],
  adx: [adx, 'it.update(h, l, c)'],
  all: [
    () => ({ sma: sma(), ema: ema(), rsi: rsi(), macd: macd(), atr: atr(), bollinger: bollinger(), adx: adx() }),
    `it.macd.update(c) + it.sma.update(c) + it.ema.update(c) + it.rsi.update(c) + it.atr.update(h, l, c) +
      it.bollinger.update(c) + it.adx.update(h, l, c)`,
  ],
}
