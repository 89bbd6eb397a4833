import type { Fill, OrderEvent, PositionState, Signal } from '@barfinex/core/browser'
import { describe, expect, it } from 'vitest'
import { levelsOf, marksOf } from './marks.js'

const minute = 60_000
const signal = (firedAt: number, direction: Signal['direction'] = 'long') =>
  ({ symbol: 'BTC/USDT', direction, firedAt }) as Signal
const fill = (occurredAt: number, side: Fill['side'], purpose: Fill['purpose'] = 'entry') =>
  ({ symbol: 'BTC/USDT', side, purpose, quantity: '0.02', occurredAt }) as Fill

describe('marksOf', () => {
  it('puts a signal on the candle that fired it, and a fill on the bar it happened in', () => {
    const marks = marksOf([signal(5 * minute)], [fill(5 * minute + 1, 'buy')], 'BTC/USDT', '5m', [0, 15 * minute])
    expect(marks.map((it) => [it.time, it.shape, it.text])).toEqual([
      [0, 'circle', undefined],
      [300, 'arrowUp', 'in 0.02'],
    ])
  })

  it('keeps one dot per bar and direction, in order of time', () => {
    const signals = [signal(10 * minute), signal(2 * minute, 'short'), signal(3 * minute), signal(4 * minute)]
    const marks = marksOf(signals, [], 'BTC/USDT', '5m', [0, 15 * minute])
    expect(marks.map((it) => [it.time, it.position])).toEqual([
      [0, 'aboveBar'],
      [0, 'belowBar'],
      [300, 'belowBar'],
    ])
  })

  it('leaves out what lies outside the bars, and other symbols', () => {
    const outside = [fill(0, 'buy'), fill(20 * minute, 'sell'), { ...fill(minute, 'buy'), symbol: 'ETH/USDT' }]
    expect(marksOf([], outside, 'BTC/USDT', '1m', [minute, 20 * minute])).toEqual([])
  })

  it('tells a stop from a way out', () => {
    const marks = marksOf([], [fill(0, 'sell', 'stop'), fill(1, 'sell', 'target')], 'BTC/USDT', '1m', [0, minute])
    expect(marks.map((it) => [it.shape, it.text])).toEqual([
      ['square', 'stop 0.02'],
      ['arrowDown', 'target 0.02'],
    ])
  })
})

describe('levelsOf', () => {
  it('draws the entry and what rests in the market', () => {
    const position = { symbol: 'BTC/USDT', side: 'long', quantity: '0.02', averagePrice: '100.5' } as PositionState
    const order = { symbol: 'BTC/USDT', clientOrderId: 'o', purpose: 'stop', triggerPrice: '99', limitPrice: null }
    const levels = levelsOf([position], [order as OrderEvent], 'BTC/USDT')
    expect(levels.map((it) => [it.price, it.title, it.isDashed])).toEqual([
      [100.5, 'long 0.02', false],
      [99, 'stop', true],
    ])
    expect(levelsOf([{ ...position, side: 'flat' }], [], 'BTC/USDT')).toEqual([])
  })
})
