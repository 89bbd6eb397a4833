import { type Decimal, decimal, type Fill } from '@barfinex/core'
import { aFill, anIntent, newYear, testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outcomeOf } from './outcome-of.js'
import { type Lot, netQuantity, openLot, withLotFill } from './protect/lot.js'

const cause = { id: 'verdict-1', correlationId: 'trail-1' }

function lotOf(fills: readonly Partial<Fill>[], overrides: Parameters<typeof anIntent>[0] = {}): Lot {
  const empty = openLot(anIntent({ stopPrice: '98', ...overrides }), 'order-1', cause)
  return fills.reduce<Lot>((lot, fill, at) => withLotFill(lot, aFill({ fillId: `f-${at}`, ...fill })), empty)
}

const entry = { side: 'buy', purpose: 'entry', price: '100', quantity: '1', fee: '0', feeAsset: 'USDT' } as const
const target = { ...entry, side: 'sell', purpose: 'target', price: '104' } as const

describe('outcomeOf', () => {
  it('is money in minus money out, and R is over the risk first taken', () => {
    const lot = lotOf([
      { ...entry, quantity: '0.6', fee: '0.06', occurredAt: newYear },
      { ...entry, quantity: '0.4', price: '101', fee: '0.0404' },
      { ...target, fee: '0.104', occurredAt: newYear + 5_000 },
    ])
    expect(outcomeOf(lot, 'paper', newYear + 5_000)).toMatchObject({
      entryPrice: '100.4',
      exitPrice: '104',
      grossPnl: '3.6',
      fees: '0.2044',
      netPnl: '3.3956',
      resultR: 1.41483333,
      exitReason: 'takeProfit',
      openedAt: newYear,
      closedAt: newYear + 5_000,
    })
  })

  it('sizes a spot position by what was received, and leaves the remainder with its cost', () => {
    const lot = lotOf([
      { ...entry, fee: '0.001', feeAsset: 'BTC' },
      { ...target, quantity: '0.99', fee: '0.10296' },
    ])
    expect(netQuantity(lot).toString()).toBe('0.009')
    expect(outcomeOf(lot, 'paper', newYear)).toMatchObject({
      quantity: '0.99',
      grossPnl: '3.96',
      // 0.001 BTC at 100, and the fee of the sale.
      fees: '0.20296',
      netPnl: '3.75704',
    })
  })

  it('does not take a fee in base from a contract', () => {
    const lot = lotOf([{ ...entry, symbol: 'BTC/USDT:USDT', fee: '0.001', feeAsset: 'BTC' }])
    expect(netQuantity(lot).toString()).toBe('1')
    expect(lot.fees.toString()).toBe('0.1')
  })

  it('says which fee it could not price', () => {
    const lot = lotOf([{ ...entry, fee: '0.01', feeAsset: 'BNB' }, target])
    expect([lot.fees.toString(), lot.unpricedFeeAsset]).toEqual(['0', 'BNB'])
  })

  it('has no result where nothing was closed', () => {
    expect(outcomeOf(lotOf([entry]), 'paper', newYear)).toBeNull()
    expect(outcomeOf(lotOf([]), 'paper', newYear)).toBeNull()
  })

  it('names what closed most of it', () => {
    const half = { quantity: '0.5' }
    const exits = (...fills: readonly Partial<Fill>[]) =>
      outcomeOf(lotOf([entry, ...fills]), 'paper', newYear)?.exitReason
    expect(exits({ ...target, quantity: '0.6' }, { ...target, purpose: 'stop', quantity: '0.4' })).toBe('takeProfit')
    expect(exits({ ...target, quantity: '0.4' }, { ...target, purpose: 'stop', quantity: '0.6' })).toBe('stopLoss')
    expect(exits({ ...target, ...half }, { ...target, purpose: 'stop', ...half })).toBe('stopLoss')
    expect(exits({ ...target, purpose: 'exit' })).toBe('forceExit')
  })

  it('sums to the money that moved, for any fills that end flat, long or short', () => {
    const part = fc.record({ price: fc.integer({ min: 5_000, max: 20_000 }), steps: fc.integer({ min: 1, max: 500 }) })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), part, fc.boolean(), (opening, closing, isLong) => {
        const text = (value: number, scale: string): string => decimal(String(value)).times(decimal(scale)).toString()
        const total = opening.reduce((sum, { steps }) => sum + steps, 0)
        const firstSteps = Math.min(closing.steps, total - 1)
        const closes = [firstSteps, total - firstSteps].filter((steps) => steps > 0)
        const [buy, sell] = isLong ? (['buy', 'sell'] as const) : (['sell', 'buy'] as const)
        const fills: Partial<Fill>[] = [
          ...opening.map(({ price, steps }) => ({
            ...entry,
            side: buy,
            price: text(price, '0.01'),
            quantity: text(steps, '0.001'),
          })),
          ...closes.map((steps, at) => ({
            ...target,
            side: sell,
            price: text(closing.price + at, '0.01'),
            quantity: text(steps, '0.001'),
            fee: '0.01',
          })),
        ]
        const cash = fills.reduce<Decimal>((sum, { side, price = '0', quantity = '0', fee = '0' }) => {
          const notional = decimal(price).times(decimal(quantity))
          return (side === 'buy' ? sum.minus(notional) : sum.plus(notional)).minus(decimal(fee))
        }, decimal('0'))
        const outcome = outcomeOf(lotOf(fills, { direction: isLong ? 'long' : 'short' }), 'paper', newYear)
        expect(outcome?.netPnl).toBe(cash.toString())
      }),
      { numRuns: testRuns(100) },
    )
  })
})
