import { expect, test } from 'vitest'
import { OutlierGate } from './outlier-gate.js'

/** Prices that pass, one second apart. */
function passing(...prices: readonly number[]): readonly number[] {
  const gate = new OutlierGate()
  return prices.filter((price, index) => !gate.refuses(price, index * 1_000))
}

test('a price ten times or a tenth of its neighbours never passes', () => {
  expect(passing(100, 1_000, 101, 10, 99)).toEqual([100, 101, 99])
})

test('a crash or a rally that goes on passes from its second price', () => {
  expect(passing(100, 30, 31, 29)).toEqual([100, 31, 29])
  expect(passing(100, 250, 255)).toEqual([100, 255])
})

test('two mistakes that differ do not confirm each other', () => {
  expect(passing(100, 1_000, 10, 100)).toEqual([100, 100])
})

test('the first price, and one after a long silence, are believed', () => {
  const gate = new OutlierGate()
  expect(gate.refuses(100, 0)).toBe(false)
  expect(gate.refuses(1_000, 60_001)).toBe(false)
})
