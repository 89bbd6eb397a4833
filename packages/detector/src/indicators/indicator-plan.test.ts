import { BarfinexError } from '@barfinex/core'
import { describe, expect, it } from 'vitest'
import { createCandleRow, writeCandle } from './candle-row.js'
import { createIndicator, parseIndicator, planIndicator } from './indicator-plan.js'

function faultOf(act: () => unknown): BarfinexError {
  try {
    act()
  } catch (error) {
    if (BarfinexError.is(error)) return error
  }
  return expect.fail('no BarfinexError was thrown')
}

describe('an indicator plan', () => {
  it('tells outputs, inputs and warm-up before the first candle', () => {
    const plan = planIndicator('keltner', { period: 5, atrPeriod: 9, source: 'hl2' })
    expect(plan.params).toEqual({ period: 5, atrPeriod: 9, width: 2, source: 'hl2' })
    expect(plan.outputs.map(({ name }) => name)).toEqual(['upper', 'middle', 'lower'])
    expect(plan.inputs).toEqual(['high', 'low', 'close', 'hl2'])
    expect(plan.warmUp).toEqual([9, 5, 9])
    expect(plan.settleMs).toBe(0)
  })

  it.each([
    ['rsi', { period: 14, source: 'close' }],
    ['macd', { fast: 12, slow: 26, signal: 9, source: 'close' }],
    ['bollinger', { period: 20, width: 2, source: 'close' }],
    ['stochastic', { period: 14, smoothing: 3, signal: 3 }],
    ['supertrend', { period: 10, width: 3 }],
    ['parabolicSar', { step: 0.02, limit: 0.2 }],
    ['vwap', { sessionMs: 86_400_000, offsetMs: 0, source: 'hlc3' }],
  ] as const)('of %s has the usual parameters when none are given', (name, usual) => {
    expect(planIndicator(name).params).toEqual(usual)
  })

  it('has the same key for the same indicator, however it was written', () => {
    const short = planIndicator('ema', { period: 20 }).key
    expect(planIndicator('ema', { source: 'close', period: 20 }).key).toBe(short)
    expect(parseIndicator('ema').key).toBe(short)
    expect(planIndicator('ema', { period: 21 }).key).not.toBe(short)
    expect(planIndicator('sma', { period: 20 }).key).not.toBe(short)
  })

  it('makes instances that share nothing', () => {
    const plan = planIndicator('sma', { period: 1 })
    const [first, second] = [plan.create(), plan.create()]
    first.next(writeCandle(createCandleRow(), 1, 1, 1, 1, 1, 0))
    expect(first.values[0]).toBe(1)
    expect(second.values[0]).toBeNaN()
  })

  it('names what is unknown and what may be taken instead', () => {
    const name = faultOf(() => parseIndicator('emma'))
    expect(name.code).toBe('options.invalid')
    expect(name.message).toMatch(/no indicator "emma".*\bema\b/)
    const param = faultOf(() => parseIndicator('ema', { perod: 3 }))
    expect(param.code).toBe('options.invalid')
    expect(param.message).toMatch(/Indicator ema.*perod.*period/)
  })

  it.each([
    ['ema', { period: 0 }],
    ['ema', { period: 2.5 }],
    ['ema', { period: 1e9 }],
    ['ema', { source: 'klose' }],
    ['hma', { period: 1 }],
    ['bollinger', { width: -1 }],
    ['bollinger', { width: Number.NaN }],
    ['toString', {}],
  ])('refuses %s with %o', (name, params) => {
    expect(faultOf(() => parseIndicator(name, params)).code).toBe('options.invalid')
  })

  it('creates in one go', () => {
    const ema = createIndicator('ema', { period: 2 })
    const row = createCandleRow()
    ema.next(writeCandle(row, 10, 10, 10, 10, 1, 0))
    ema.next(writeCandle(row, 10, 14, 10, 14, 1, 60_000))
    expect(ema.values[0]).toBe(12)
  })
})
