import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decimal, decimal } from './decimal.js'
import {
  applyFill,
  averagePriceOf,
  flatPosition,
  type PositionFill,
  positionMessage,
  unrealizedPnl,
} from './position.js'

const fill: fc.Arbitrary<PositionFill> = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  price: fc.integer({ min: 1, max: 10_000_000 }).map((units) => Decimal.ofUnits(BigInt(units), 2)),
  quantity: fc.integer({ min: 1, max: 1_000_000 }).map((units) => Decimal.ofUnits(BigInt(units), 5)),
  feeQuote: fc.integer({ min: -100, max: 10_000 }).map((units) => Decimal.ofUnits(BigInt(units), 4)),
  occurredAt: fc.nat(),
})

function cashFlow(fills: readonly PositionFill[]): Decimal {
  return fills.reduce((sum, it) => {
    const notional = it.price.times(it.quantity)
    return it.side === 'buy' ? sum.minus(notional) : sum.plus(notional)
  }, Decimal.zero)
}

describe('position', () => {
  test('realised plus unrealised result equals money in less money out, to the last digit', () => {
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 40 }), (fills) => {
        const position = fills.reduce((before, it) => applyFill(before, it), flatPosition('BTC/USDT'))
        const price = decimal('123.45')
        const worth = position.signedQuantity.times(price)
        expect(position.realizedPnl.plus(unrealizedPnl(position, price)).toString()).toBe(
          cashFlow(fills).plus(worth).toString(),
        )
      }),
    )
  })

  test('quantity is the signed sum, cost never negative, flat means no cost and no average', () => {
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 40 }), (fills) => {
        const position = fills.reduce((before, it) => applyFill(before, it), flatPosition('X/Y'))
        const sum = fills.reduce(
          (total, it) => (it.side === 'buy' ? total.plus(it.quantity) : total.minus(it.quantity)),
          Decimal.zero,
        )
        expect(position.signedQuantity.equals(sum)).toBe(true)
        expect(position.openCost.isNegative).toBe(false)
        if (sum.isZero) {
          expect(position.openCost.isZero).toBe(true)
          expect(averagePriceOf(position)).toBeNull()
          expect(position.openedAt).toBeNull()
        }
      }),
    )
  })

  test('rounds the cost of a part as the exchange does when told how', () => {
    const at = (side: 'buy' | 'sell', price: string, quantity: string): PositionFill => ({
      side,
      price: decimal(price),
      quantity: decimal(quantity),
      feeQuote: Decimal.zero,
      occurredAt: 1,
    })
    const long = [at('buy', '1', '1'), at('buy', '2', '2')].reduce(
      (before, it) => applyFill(before, it),
      flatPosition('X/Y'),
    )
    expect(applyFill(long, at('sell', '2', '1')).realizedPnl.toString()).toBe('0.333333333333')
    const asExchange = applyFill(long, at('sell', '2', '1'), { digits: 2, rounding: 'towardZero' })
    expect(asExchange.realizedPnl.toString()).toBe('0.34')
    expect(asExchange.openCost.toString()).toBe('3.34')
  })

  test('turns around in one fill', () => {
    const long = applyFill(flatPosition('BTC/USDT'), {
      side: 'buy',
      price: decimal('100'),
      quantity: decimal('1'),
      feeQuote: decimal('0.1'),
      occurredAt: 1,
    })
    const short = applyFill(long, {
      side: 'sell',
      price: decimal('110'),
      quantity: decimal('3'),
      feeQuote: decimal('0.3'),
      occurredAt: 2,
    })
    expect(positionMessage(short)).toEqual({
      symbol: 'BTC/USDT',
      side: 'short',
      quantity: '2',
      averagePrice: '110',
      realizedPnl: '10',
      feesPaid: '0.4',
      openedAt: 2,
    })
  })
})
