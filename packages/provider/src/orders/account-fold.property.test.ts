import { Decimal, decimal, type Fill, unrealizedPnl } from '@barfinex/core'
import { aFill, anInstrument, testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AccountFold } from './account-fold.js'

const spot = anInstrument({ symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT' })
const perpetual = anInstrument({
  symbol: 'ETH/USDT:USDT',
  kind: 'swap',
  base: 'ETH',
  quote: 'USDT',
  settle: 'USDT',
})

const text = (digits: number, min: number, max: number) =>
  fc.integer({ min, max }).map((units) => Decimal.ofUnits(BigInt(units), digits).toString())

/** Fills as an exchange makes them: each with an id of its own, fees in quote, in base or in a third asset, also as a rebate. */
const fills = fc
  .array(
    fc.record({
      isSpot: fc.boolean(),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      price: text(2, 1, 10_000_000),
      quantity: text(5, 1, 1_000_000),
      fee: text(8, -1_000, 100_000),
      feeIn: fc.constantFrom('quote' as const, 'base' as const, 'third' as const),
      occurredAt: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength: 40 },
  )
  .map((drawn) =>
    drawn.map(({ isSpot, feeIn, ...rest }, index): Fill => {
      const instrument = isSpot ? spot : perpetual
      const feeAsset = feeIn === 'third' ? 'BNB' : feeIn === 'base' && isSpot ? instrument.base : 'USDT'
      return aFill({ ...rest, feeAsset, symbol: instrument.symbol, fillId: `${instrument.symbol}.${1_000 + index}` })
    }),
  )

function folded(all: readonly Fill[]): AccountFold {
  const account = new AccountFold('USDT', [spot, perpetual])
  for (const fill of all) account.add(fill)
  return account
}

/** All that an account says, as text. */
function told(account: AccountFold): unknown {
  return {
    totals: [...account.totals()].map(([asset, total]) => `${asset} ${total}`).sort(),
    positions: account.allPositions().map((it) => `${it.symbol} ${it.signedQuantity} ${it.openCost} ${it.realizedPnl}`),
  }
}

describe("the account's money", () => {
  test('is the same in whatever order fills come and however often', () => {
    const delivered = fills.chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        fc.array(fc.nat(), { maxLength: 20 }),
      ),
    )
    fc.assert(
      fc.property(delivered, ([all, shuffled, repeats]) => {
        const again = repeats.flatMap((at) => shuffled[at % Math.max(1, shuffled.length)] ?? [])
        const account = folded(shuffled)
        for (const fill of again) expect(account.add(fill)).toBe(false)
        expect(told(account)).toEqual(told(folded(all)))
      }),
      { numRuns: testRuns(150) },
    )
  })

  test('is conserved: cash moves by notional and fee, a contract by what it closes and its fee', () => {
    fc.assert(
      fc.property(fills, (all) => {
        const account = folded(all)
        const expected = new Map<string, Decimal>()
        const move = (asset: string, amount: Decimal) =>
          expected.set(asset, (expected.get(asset) ?? Decimal.zero).plus(amount))
        for (const fill of all) {
          move(fill.feeAsset, decimal(fill.fee).negated())
          if (fill.symbol !== spot.symbol) continue
          const signed = fill.side === 'buy' ? decimal(fill.quantity) : decimal(fill.quantity).negated()
          move('BTC', signed)
          move('USDT', signed.times(decimal(fill.price)).negated())
        }
        move('USDT', account.position(perpetual.symbol).realizedPnl)
        for (const [asset, amount] of expected) expect(account.total(asset).toString(), asset).toBe(amount.toString())
      }),
      { numRuns: testRuns(150) },
    )
  })

  test('a position is what was bought less what was sold, and its result is money out less money in', () => {
    fc.assert(
      fc.property(fills, (all) => {
        const own = all.filter((it) => it.symbol === perpetual.symbol)
        const position = folded(all).position(perpetual.symbol)
        const price = decimal('321.09')
        let quantity = Decimal.zero
        let cash = Decimal.zero
        for (const fill of own) {
          const signed = fill.side === 'buy' ? decimal(fill.quantity) : decimal(fill.quantity).negated()
          quantity = quantity.plus(signed)
          cash = cash.minus(signed.times(decimal(fill.price)))
        }
        expect(position.signedQuantity.toString()).toBe(quantity.toString())
        const worth = position.realizedPnl.plus(unrealizedPnl(position, price))
        // A mean cost is cut at the ledger's last digit, and nothing is lost by it.
        expect(worth.toString()).toBe(cash.plus(quantity.times(price)).toString())
      }),
      { numRuns: testRuns(150) },
    )
  })

  test('adopted totals are the totals, and fills count on from there', () => {
    fc.assert(
      fc.property(fills, fills, text(8, 0, 1_000_000_000), (before, after, total) => {
        const account = folded(before)
        account.adoptTotals(new Map([['USDT', decimal(total)]]))
        expect(account.total('USDT').toString()).toBe(total)
        expect(account.total('BTC').isZero && account.total('BNB').isZero).toBe(true)
        const later = after
          .filter((it) => it.symbol === spot.symbol)
          .map((it) => ({ ...it, fillId: `later.${it.fillId}` }))
        for (const fill of later) expect(account.add(fill)).toBe(true)
        expect(account.total('BTC').toString()).toBe(folded(later).total('BTC').toString())
      }),
      { numRuns: testRuns(100) },
    )
  })
})
