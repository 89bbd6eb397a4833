import { indicators } from '../nouns.js'
import { add, and, close, gt, gte, high, low, lt, lte, multiply, subtract, value } from '../rules/builders.js'
import { defineStrategy } from '../strategy.js'

const { ema, rsi, atr, adx } = indicators

/**
 * Trend following: buys the pullback to the fast average while the hourly and the local trend point up, and the mirror image.
 * Wants movement (ADX) and leaves exhausted markets alone. Stop 1.5 ATR, target 3 ATR.
 */
export const emaPullback = defineStrategy({
  id: 'ema-pullback',
  title: 'Pullback to the fast average within the trend',
  inputs: { main: '5m', trend: '1h' },
  indicators: {
    fast: ema({ period: 21 }),
    slow: ema({ period: 55 }),
    hourly: ema({ period: 20 }, { input: 'trend' }),
    strength: adx({ period: 14 }),
    momentum: rsi({ period: 14 }),
    range: atr({ period: 14 }),
  },
  rules: [
    { id: 'local-uptrend', direction: 'long', weight: 1, when: gt(value('fast'), value('slow')) },
    { id: 'hourly-uptrend', direction: 'long', weight: 1, when: gt(close(), value('hourly')) },
    {
      id: 'dipped-to-fast',
      direction: 'long',
      weight: 1.5,
      when: and(lte(low(), value('fast')), gt(close(), value('fast'))),
    },
    { id: 'turning-up', direction: 'long', weight: 1, when: gt(close(), high({ ago: 1 })) },
    { id: 'local-downtrend', direction: 'short', weight: 1, when: lt(value('fast'), value('slow')) },
    { id: 'hourly-downtrend', direction: 'short', weight: 1, when: lt(close(), value('hourly')) },
    {
      id: 'rose-to-fast',
      direction: 'short',
      weight: 1.5,
      when: and(gte(high(), value('fast')), lt(close(), value('fast'))),
    },
    { id: 'turning-down', direction: 'short', weight: 1, when: lt(close(), low({ ago: 1 })) },
  ],
  vetoes: [
    { id: 'no-movement', when: lt(value('strength.adx'), 15) },
    { id: 'overbought', direction: 'long', when: gt(value('momentum'), 75) },
    { id: 'oversold', direction: 'short', when: lt(value('momentum'), 25) },
  ],
  thresholds: { long: 3.5, short: 3.5 },
  exits: {
    long: { stop: subtract(close(), multiply(1.5, value('range'))), target: add(close(), multiply(3, value('range'))) },
    short: {
      stop: add(close(), multiply(1.5, value('range'))),
      target: subtract(close(), multiply(3, value('range'))),
    },
  },
  cooldownBars: 6,
})
