import { describe, expect, test } from 'vitest'
import { indicators } from './nouns.js'
import { add, close, crossesAbove, custom, gt, multiply, subtract, value } from './rules/builders.js'
import { bandReversion } from './strategies/band-reversion.js'
import { channelBreakout } from './strategies/channel-breakout.js'
import { emaPullback } from './strategies/ema-pullback.js'
import { defineStrategy, type StrategyOptions, warmUpNeed } from './strategy.js'

const { ema, atr } = indicators

const base: StrategyOptions = {
  id: 'cross',
  inputs: { main: '5m', trend: '1h' },
  indicators: {
    fast: ema({ period: 9 }),
    slow: ema({ period: 21 }),
    hourly: ema({ period: 10 }, { input: 'trend' }),
    range: atr({ period: 14 }),
  },
  rules: [
    { id: 'cross', direction: 'long', weight: 1, when: crossesAbove(value('fast'), value('slow')) },
    { id: 'hourly-up', direction: 'long', weight: 1, when: gt(close(), value('hourly')) },
  ],
  thresholds: { long: 2 },
  exits: {
    long: { stop: subtract(close(), value('range')), target: add(close(), multiply(2, value('range'))) },
  },
}

describe('defineStrategy', () => {
  test.each<[string, Partial<StrategyOptions>, RegExp]>([
    [
      'an unknown indicator',
      { indicators: { ...base.indicators, fast: { indicator: 'emma' } } },
      /no indicator "emma"/,
    ],
    ['a wrong parameter', { indicators: { ...base.indicators, fast: ema({ period: 0 }) } }, /"fast".*period/s],
    ['a name that is not there', { rules: [{ ...rule(), when: gt(value('nope'), 1) }] }, /no indicator "nope"/],
    ['an output that is not there', { rules: [{ ...rule(), when: gt(value('fast.upper'), 1) }] }, /no output "upper"/],
    ['an input that is not there', { rules: [{ ...rule(), when: gt(close({ input: 'day' }), 1) }] }, /no input "day"/],
    ['a threshold out of reach', { thresholds: { long: 5 } }, /never reaches the threshold 5/],
    ['a direction without exits', { thresholds: { long: 2, short: 1 } }, /short needs a stop and a target/],
    ['no threshold', { thresholds: {} }, /needs a threshold/],
    ['two rules of one id', { rules: [rule(), rule()], thresholds: { long: 1 } }, /two rules or vetoes are called "r"/],
    ['no inputs', { inputs: {} }, /at least one input/],
  ])('refuses %s', (_, change, message) => {
    expect(() => defineStrategy({ ...base, ...change })).toThrowError(message)
    expect(() => defineStrategy({ ...base, ...change })).toThrowError(
      expect.objectContaining({ code: 'strategy.invalid' }) as Error,
    )
  })

  test('the hash is of what it says: equal for equal text, other for any change, blind to code but not to its revision', () => {
    const hash = (change: Partial<StrategyOptions> = {}) => defineStrategy({ ...base, ...change }).hash
    expect(hash()).toBe(hash())
    expect(hash({ cooldownBars: 1 })).not.toBe(hash())
    expect(hash({ inputs: { trend: '1h', main: '5m' } })).not.toBe(hash())
    const hatch = (revision: number, call: () => number) =>
      hash({ rules: [{ ...rule(), when: custom({ id: 'f', revision, call }, close()) }], thresholds: { long: 1 } })
    expect(hatch(1, () => 1)).toBe(hatch(1, () => 0))
    expect(hatch(2, () => 1)).not.toBe(hatch(1, () => 1))
  })

  test('warm-up follows from the graph, per input, shortest timeframe first', () => {
    const need = warmUpNeed(defineStrategy(base))
    expect(need.map((it) => [it.input, it.timeframe])).toEqual([
      ['main', '5m'],
      ['trend', '1h'],
    ])
    expect(need[0]?.candles).toBeGreaterThan(21)
    expect(need[1]?.candles).toBeGreaterThanOrEqual(10)
  })

  test('the ready strategies differ in hash and in kind', () => {
    expect(new Set([emaPullback, bandReversion, channelBreakout].map((it) => it.hash)).size).toBe(3)
  })
})

function rule() {
  return { id: 'r', direction: 'long' as const, weight: 2, when: gt(close(), 1) }
}
