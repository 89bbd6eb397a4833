import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Instrument } from '../flow/1-market.js'
import { Decimal, decimal } from './decimal.js'
import { brokenRules, instrumentRules, roundLimitPrice, roundQuantity, roundTriggerPrice } from './instrument-rules.js'

const spot: Instrument = {
  symbol: 'BTC/USDT',
  exchange: 'paper',
  kind: 'spot',
  base: 'BTC',
  quote: 'USDT',
  settle: 'USDT',
  tickSize: '0.1',
  stepSize: '0.001',
  minQuantity: '0.001',
  maxQuantity: '100',
  minNotional: '10',
  maxNotional: '1000000',
  makerFeeBps: '10',
  takerFeeBps: '10',
  status: 'trading',
  revision: 1,
}
const rules = instrumentRules(spot)
const limit = (quantity: string, limitPrice: string) =>
  ({ quantity, limitPrice, triggerPrice: null, purpose: 'entry', reduceOnly: false }) as const

describe('instrument rules', () => {
  test('a rounded order breaks no rule of steps and ticks, and is never larger or worse than meant', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2_000, max: 1_000_000 }),
        fc.integer({ min: 100_000_000, max: 900_000_000 }),
        fc.constantFrom('buy' as const, 'sell' as const),
        (quantityUnits, priceUnits, side) => {
          const meant = Decimal.ofUnits(BigInt(quantityUnits), 6)
          const price = Decimal.ofUnits(BigInt(priceUnits), 4)
          const quantity = roundQuantity(rules, meant)
          const limitPrice = roundLimitPrice(rules, side, price)
          expect(quantity.compare(meant)).toBeLessThanOrEqual(0)
          expect(side === 'buy' ? limitPrice.compare(price) <= 0 : limitPrice.compare(price) >= 0).toBe(true)
          expect(brokenRules(rules, limit(quantity.toString(), limitPrice.toString()), null)).toEqual([])
        },
      ),
    )
  })

  test('a protective stop wakes earlier rather than later', () => {
    expect(roundTriggerPrice(rules, 'sell', decimal('99.93')).toString()).toBe('100')
    expect(roundTriggerPrice(rules, 'buy', decimal('100.08')).toString()).toBe('100')
  })

  test('all broken rules are named, with limit and observed value', () => {
    const reasons = brokenRules(rules, limit('0.0005', '100.05'), null)
    expect(reasons.map((reason) => reason.code)).toEqual([
      'order.rule.step',
      'order.rule.min-quantity',
      'order.rule.tick',
      'order.rule.min-notional',
    ])
    expect(reasons[3]).toMatchObject({ limit: '10', observed: '0.050025' })
  })

  test('what cannot be valued is refused', () => {
    const market = { quantity: '1', limitPrice: null, triggerPrice: null, purpose: 'entry', reduceOnly: false } as const
    expect(brokenRules(rules, market, null).map((reason) => reason.code)).toEqual(['order.rule.no-reference-price'])
    expect(brokenRules(rules, market, decimal('50000'))).toEqual([])
  })

  test('leaving a contract position is exempt from the smallest notional; opening is not', () => {
    const swap = instrumentRules({ ...spot, symbol: 'BTC/USDT:USDT', kind: 'swap' })
    const tiny = { quantity: '0.001', limitPrice: null, triggerPrice: '100', reduceOnly: true } as const
    expect(brokenRules(swap, { ...tiny, purpose: 'stop' }, null)).toEqual([])
    expect(brokenRules(swap, { ...tiny, purpose: 'entry', reduceOnly: false }, null)).toHaveLength(1)
  })

  test('a halted symbol takes nothing', () => {
    const halted = instrumentRules({ ...spot, status: 'halted' })
    expect(brokenRules(halted, limit('1', '100'), null)[0]?.code).toBe('order.rule.not-trading')
  })
})
