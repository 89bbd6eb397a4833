import type { Candle } from '@barfinex/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { detect, initialState, warm } from './detect.js'
import { indicators } from './nouns.js'
import { add, close, custom, gt, lt, multiply, subtract, value } from './rules/builders.js'
import { bandReversion } from './strategies/band-reversion.js'
import { channelBreakout } from './strategies/channel-breakout.js'
import { emaPullback } from './strategies/ema-pullback.js'
import { defineStrategy, type StrategyOptions, warmUpNeed } from './strategy.js'
import { givenStrategy, judge, lengthen, walk } from './testing/index.js'

const always: StrategyOptions = {
  id: 'always',
  inputs: { main: '1m' },
  rules: [{ id: 'up', direction: 'long', weight: 1, when: gt(close(), close({ ago: 1 })) }],
  thresholds: { long: 1 },
  exits: { long: { stop: multiply(close(), 0.99), target: multiply(close(), 1.02) } },
}
const ready = [emaPullback, bandReversion, channelBreakout]

/** All candles that a strategy reads, from one walk, in the order in which they close; of one instant the shortest first. */
function feed(strategy: (typeof ready)[number], seed: number, minutes: number, drift = 0): Candle[] {
  const minute = walk(seed, minutes, { volatility: 0.0015, drift })
  const frames = warmUpNeed(strategy).map((it) => it.timeframe)
  return frames
    .flatMap((timeframe) => (timeframe === '1m' ? minute : lengthen(minute, timeframe)))
    .sort((a, b) => a.closeTime - b.closeTime || a.closeTime - a.openTime - (b.closeTime - b.openTime))
}

describe('detect', () => {
  test.each(ready)('$id finds something on walks, and explains every bar on which it does not', (strategy) => {
    const runs = [1, 2, 3, 4, 5, 6].map((seed) => judge(strategy, 'BTC/USDT', feed(strategy, seed, 6_000)))
    expect(runs.flatMap((it) => it.signals).length).toBeGreaterThan(0)
    for (const { evaluations } of runs) {
      for (const it of evaluations) {
        expect(it.rules).toHaveLength(strategy.rules.length)
        expect(it.signalId === null).toBe(it.reasons.length > 0)
      }
    }
  })

  test.each(ready)('$id cannot peek: what it said until now does not change with what comes later', (strategy) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0.3, max: 0.95, noNaN: true }), (seed, share) => {
        const candles = feed(strategy, seed, 4_000)
        const cut = Math.floor(candles.length * share)
        const poisoned = candles.map((it, index) =>
          index < cut ? it : { ...it, close: it.close * 3, high: it.high * 4 },
        )
        const before = judge(strategy, 'BTC/USDT', candles.slice(0, cut)).evaluations
        expect(judge(strategy, 'BTC/USDT', poisoned).evaluations.slice(0, before.length)).toEqual(before)
      }),
      { numRuns: 5 },
    )
  })

  test('a planted leak is seen by the same check', () => {
    const peeking: Candle[] = []
    const leak = defineStrategy({
      ...always,
      id: 'leak',
      rules: [
        {
          id: 'tomorrow',
          direction: 'long',
          weight: 1,
          when: custom(
            {
              id: 'peek',
              revision: 1,
              call: (now) => Number((peeking[peeking.findIndex((it) => it.close === now) + 1]?.close ?? 0) > now),
            },
            close(),
          ),
        },
      ],
    })
    const candles = walk(3, 200)
    peeking.push(...candles)
    const whole = judge(leak, 'BTC/USDT', candles).evaluations
    peeking.splice(100)
    const cut = judge(leak, 'BTC/USDT', candles.slice(0, 100)).evaluations
    expect(whole.slice(0, 100)).not.toEqual(cut)
  })

  test('the order in which candles of one instant arrive does not matter', () => {
    const candles = feed(emaPullback, 11, 6_000)
    const longestFirst = [...candles].sort(
      (a, b) => a.closeTime - b.closeTime || b.closeTime - b.openTime - (a.closeTime - a.openTime),
    )
    expect(judge(emaPullback, 'BTC/USDT', longestFirst)).toEqual(judge(emaPullback, 'BTC/USDT', candles))
  })

  test('started anywhere with its warm-up, it says what one that always ran says', () => {
    for (const strategy of ready) {
      const candles = feed(strategy, 5, 30_000)
      const always = judge(strategy, 'BTC/USDT', candles).evaluations
      const cut = candles.findIndex((it) => it.closeTime > (candles.at(-1) as Candle).closeTime - 6 * 3_600_000)
      const now = (candles[cut - 1] as Candle).closeTime
      const history = warmUpNeed(strategy).flatMap((need) =>
        candles.filter((it) => it.timeframe === need.timeframe && it.closeTime <= now).slice(-need.candles),
      )
      const late = judge(strategy, 'BTC/USDT', candles.slice(cut), history).evaluations
      const facts = (it: (typeof late)[number]) => it.rules.map((rule) => [rule.id, rule.fired])
      expect(late.map(facts)).toEqual(always.slice(-late.length).map(facts))
      expect(late.length).toBeGreaterThan(20)
    }
  })

  test('a candle twice, or an older one, changes nothing', () => {
    const candles = walk(1, 50)
    const noisy = candles.flatMap((it, index) => [it, it, candles[Math.max(0, index - 3)] as Candle])
    expect(judge(defineStrategy(always), 'BTC/USDT', noisy)).toEqual(judge(defineStrategy(always), 'BTC/USDT', candles))
  })

  test('a forming candle is never judged', () => {
    const forming = walk(1, 5).map((it) => ({ ...it, isFinal: false }))
    expect(judge(defineStrategy(always), 'BTC/USDT', forming).evaluations).toEqual([])
  })

  test('signal ids follow from what is judged: the same bar gives the same id, another symbol another', () => {
    const candles = walk(1, 30)
    const ids = judge(defineStrategy(always), 'BTC/USDT', candles).signals.map((it) => it.signalId)
    expect(judge(defineStrategy(always), 'BTC/USDT', candles).signals.map((it) => it.signalId)).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
    const other = candles.map((it) => ({ ...it, symbol: 'ETH/USDT' }))
    expect(judge(defineStrategy(always), 'ETH/USDT', other).signals[0]?.signalId).not.toBe(ids[0])
  })

  test('says why not', () => {
    const candles = walk(1, 40)
    const up = { id: 'up', direction: 'long' as const, weight: 1, when: gt(close(), 0) }
    const strategy = (change: Partial<StrategyOptions>) => defineStrategy({ ...always, rules: [up], ...change })
    givenStrategy(strategy({ vetoes: [{ id: 'no', when: 1 }] }))
      .when(candles)
      .thenNothingBecause('detector.vetoed')
    const blind = { id: 'blind', when: gt(value('slow'), 1) }
    givenStrategy(strategy({ indicators: { slow: indicators.sma({ period: 100 }) }, vetoes: [blind] }))
      .when(candles)
      .thenNothingBecause('detector.vetoed')
    givenStrategy(strategy({ rules: [{ ...up, when: lt(close(), 0) }] }))
      .when(candles)
      .thenNothingBecause('detector.below-threshold')
    givenStrategy(strategy({ rules: [{ ...up, when: gt(close({ ago: 100 }), 0) }] }))
      .when(candles)
      .thenNothingBecause('detector.not-warm')
    givenStrategy(strategy({ exits: { long: { stop: add(close(), 1), target: add(close(), 2) } } }))
      .when(candles)
      .thenNothingBecause('detector.exit-prices')
    const both = strategy({
      rules: [up, { ...up, id: 'down', direction: 'short' }],
      thresholds: { long: 1, short: 1 },
      exits: { long: exit(1), short: exit(-1) },
    })
    givenStrategy(both).when(candles).thenNothingBecause('detector.conflict')
  })

  test('the cooldown keeps the distance between two signals of a direction', () => {
    const strategy = defineStrategy({ ...always, cooldownBars: 4 })
    const { signals } = judge(strategy, 'BTC/USDT', walk(9, 300))
    const gaps = signals
      .slice(1)
      .map((it, index) => (it.candleOpenTime - (signals[index]?.candleOpenTime ?? 0)) / 60_000)
    expect(Math.min(...gaps)).toBe(5)
  })

  test('warm takes in without judging', () => {
    const state = initialState(defineStrategy(always), 'BTC/USDT')
    const [first, second] = walk(1, 2) as [Candle, Candle]
    warm(state, first)
    expect(detect(state, second).evaluation?.rules[0]?.value).not.toBeNull()
    expect(state.barCount).toBe(1)
  })
})

function exit(sign: number) {
  return { stop: subtract(close(), sign), target: add(close(), sign) }
}
