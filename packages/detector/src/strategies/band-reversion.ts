import { indicators } from '../nouns.js'
import { add, close, crossesAbove, crossesBelow, gt, lt, multiply, subtract, value } from '../rules/builders.js'
import { defineStrategy } from '../strategy.js'

const { bollinger, rsi, atr, adx } = indicators

/**
 * Mean reversion: price comes back inside its Bollinger band after leaving it, in a market without a strong trend.
 * Stop 1.5 ATR, target 2.25 ATR.
 */
export const bandReversion = defineStrategy({
  id: 'band-reversion',
  title: 'Return into the Bollinger band',
  inputs: { main: '5m' },
  indicators: {
    band: bollinger({ period: 20 }),
    momentum: rsi({ period: 14 }),
    strength: adx({ period: 14 }),
    range: atr({ period: 14 }),
  },
  rules: [
    { id: 'back-above-lower-band', direction: 'long', weight: 2, when: crossesAbove(close(), value('band.lower')) },
    { id: 'was-oversold', direction: 'long', weight: 1, when: lt(value('momentum', { ago: 1 }), 35) },
    { id: 'room-to-middle', direction: 'long', weight: 0.5, when: lt(close(), value('band.middle')) },
    { id: 'back-below-upper-band', direction: 'short', weight: 2, when: crossesBelow(close(), value('band.upper')) },
    { id: 'was-overbought', direction: 'short', weight: 1, when: gt(value('momentum', { ago: 1 }), 65) },
    { id: 'room-to-middle-below', direction: 'short', weight: 0.5, when: gt(close(), value('band.middle')) },
  ],
  vetoes: [{ id: 'strong-trend', when: gt(value('strength.adx'), 32) }],
  thresholds: { long: 3, short: 3 },
  exits: {
    long: {
      stop: subtract(close(), multiply(1.5, value('range'))),
      target: add(close(), multiply(2.25, value('range'))),
    },
    short: {
      stop: add(close(), multiply(1.5, value('range'))),
      target: subtract(close(), multiply(2.25, value('range'))),
    },
  },
  cooldownBars: 3,
})
