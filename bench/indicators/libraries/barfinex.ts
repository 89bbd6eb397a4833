import { Adx, Atr, Bollinger, createCandleRow, Ema, Macd, Rsi, Sma, writeCandle } from '@barfinex/detector'
import type { Cases } from '../case.js'

const sma = () => new Sma(20)
const ema = () => new Ema(20)
const rsi = () => new Rsi(14)
const macd = () => new Macd(12, 26, 9)
const atr = () => new Atr(14)
const bollinger = () => new Bollinger(20, 2)
const adx = () => new Adx(14)

export const cases: Cases = {
  sma: [sma, 'it.update(c)'],
  ema: [ema, 'it.update(c)'],
  rsi: [rsi, 'it.update(c)'],
  macd: [macd, '(it.update(c), it.values[2])'],
  atr: [atr, 'it.update(h, l, c)'],
  bollinger: [bollinger, 'it.update(c)'],
  adx: [adx, 'it.update(h, l, c)'],
  all: [
    () => ({ sma: sma(), ema: ema(), rsi: rsi(), macd: macd(), atr: atr(), bollinger: bollinger(), adx: adx() }),
    `(it.macd.update(c), it.macd.values[2] + it.sma.update(c) + it.ema.update(c) + it.rsi.update(c) +
      it.atr.update(h, l, c) + it.bollinger.update(c) + it.adx.update(h, l, c))`,
  ],
  /** The same seven fed as rows, without knowing which is which: the way a strategy feeds its indicators. */
  'all-unknown': [
    () => {
      const row = createCandleRow()
      const each = [sma(), ema(), rsi(), macd(), atr(), bollinger(), adx()]
      return {
        next(h: number, l: number, c: number): number {
          writeCandle(row, c, h, l, c, 1, 0)
          let sum = 0
          for (const it of each) {
            it.next(row)
            sum += it.values[0]!
          }
          return sum
        },
      }
    },
    'it.next(h, l, c)',
  ],
}
