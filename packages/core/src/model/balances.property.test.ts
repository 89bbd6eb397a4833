import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testRuns } from '../testing/test-runs.js'
import { type Balances, balanceOf, balanceStates, credit, freeOf, lock, noBalances } from './balances.js'
import { Decimal, decimal } from './decimal.js'

const amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }))
  .map(([units, digits]) => Decimal.ofUnits(units, digits))
const change = fc.record({
  kind: fc.constantFrom('credit' as const, 'lock' as const),
  asset: fc.constantFrom('BTC', 'ETH', 'USDT'),
  amount,
})
type Change = { readonly kind: 'credit' | 'lock'; readonly asset: string; readonly amount: Decimal }
const changes = fc.array(change, { maxLength: 50 })

function fold(from: Balances, all: readonly Change[]): Balances {
  return all.reduce(
    (before, { kind, asset, amount }) => (kind === 'credit' ? credit : lock)(before, asset, amount),
    from,
  )
}

describe('balances', () => {
  test('are the sums of what was credited and locked, to the last digit, and free is their difference', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const balances = fold(noBalances, all)
        for (const asset of ['BTC', 'ETH', 'USDT']) {
          const sum = (kind: Change['kind']) =>
            all.reduce(
              (total, it) => (it.kind === kind && it.asset === asset ? total.plus(it.amount) : total),
              Decimal.zero,
            )
          const balance = balanceOf(balances, asset)
          expect(balance.total.equals(sum('credit'))).toBe(true)
          expect(balance.locked.equals(sum('lock'))).toBe(true)
          expect(freeOf(balance).plus(balance.locked).equals(balance.total)).toBe(true)
        }
      }),
      { numRuns: testRuns(200) },
    )
  })

  test('do not depend on the order of changes: the messages are equal too', () => {
    const shuffled = changes.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
    )
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(balanceStates(fold(noBalances, other))).toEqual(balanceStates(fold(noBalances, all)))
      }),
      { numRuns: testRuns(200) },
    )
  })

  test('come back to what they were when every change is taken back, and leave earlier ones as they were', () => {
    fc.assert(
      fc.property(changes, changes, (first, then) => {
        const before = fold(noBalances, first)
        const said = balanceStates(before)
        const after = fold(before, then)
        const back = fold(
          after,
          then.map((it) => ({ ...it, amount: it.amount.negated() })),
        )
        expect(balanceStates(before)).toEqual(said)
        for (const { asset, total, locked } of said) {
          expect(balanceOf(back, asset).total.equals(decimal(total))).toBe(true)
          expect(balanceOf(back, asset).locked.equals(decimal(locked))).toBe(true)
        }
      }),
      { numRuns: testRuns(200) },
    )
  })
})
