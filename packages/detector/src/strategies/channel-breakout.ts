import { indicators } from '../nouns.js'
import { add, close, divide, gt, lt, multiply, subtract, value, volume } from '../rules/builders.js'
import { defineStrategy } from '../strategy.js'

const { donchian, sma, atr, adx } = indicators

/**
 * Breakout: a quarter-hour closes beyond the channel of the forty before it, with more volume than usual and a trend
 * gathering strength. Stop 2 ATR, target 4 ATR.
 */
export const channelBreakout = defineStrategy({
  id: 'channel-breakout',
  title: 'Close beyond the Donchian channel',
  inputs: { main: '15m' },
  indicators: {
    channel: donchian({ period: 40 }),
    usualVolume: sma({ period: 20, source: 'volume' }),
    strength: adx({ period: 14 }),
    range: atr({ period: 14 }),
  },
  rules: [
    // The channel of the bar before: the present bar must not raise the line that it has to break.
    { id: 'above-channel', direction: 'long', weight: 2, when: gt(close(), value('channel.upper', { ago: 1 })) },
    { id: 'volume-behind-rise', direction: 'long', weight: 1, when: gt(divide(volume(), value('usualVolume')), 1.2) },
    {
      id: 'trend-gathers-up',
      direction: 'long',
      weight: 0.5,
      when: gt(value('strength.adx'), value('strength.adx', { ago: 3 })),
    },
    { id: 'below-channel', direction: 'short', weight: 2, when: lt(close(), value('channel.lower', { ago: 1 })) },
    { id: 'volume-behind-fall', direction: 'short', weight: 1, when: gt(divide(volume(), value('usualVolume')), 1.2) },
    {
      id: 'trend-gathers-down',
      direction: 'short',
      weight: 0.5,
      when: gt(value('strength.adx'), value('strength.adx', { ago: 3 })),
    },
  ],
  thresholds: { long: 2.5, short: 2.5 },
  exits: {
    long: { stop: subtract(close(), multiply(2, value('range'))), target: add(close(), multiply(4, value('range'))) },
    short: { stop: add(close(), multiply(2, value('range'))), target: subtract(close(), multiply(4, value('range'))) },
  },
  cooldownBars: 4,
})
