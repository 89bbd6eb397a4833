import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  and,
  before,
  between,
  close,
  crossesAbove,
  custom,
  divide,
  gt,
  low,
  lt,
  not,
  or,
  value,
} from './builders.js'
import { compileExpression, type Leaves } from './compile.js'
import { describedExpression, type Expression, expression } from './expression.js'

const unknown = Number.NaN
const known = (value: number): Expression => value
const nothing = (): Expression => close()

/** Leaves by name: `candle` reads by ago, so a shifted expression can be seen to shift. */
function leavesOf(closes: readonly number[]): Leaves {
  return {
    candle: (it) => () => closes[closes.length - 1 - (it.ago ?? 0)] ?? unknown,
    indicator: () => () => unknown,
  }
}
const evaluate = (it: Expression, closes: readonly number[] = [unknown]) => compileExpression(it, leavesOf(closes))()

describe('expressions', () => {
  test('an unknown operand makes the result unknown', () => {
    for (const it of [add(nothing(), 1), gt(nothing(), 1), not(nothing()), divide(1, 0), between(nothing(), 0, 9)]) {
      expect(evaluate(it)).toBeNaN()
    }
  })

  test('and and or are settled by a deciding operand, whatever is unknown beside it', () => {
    const truth = [known(0), known(1), nothing()]
    const table = truth.flatMap((a) => truth.map((b) => [evaluate(and(a, b)), evaluate(or(a, b))]))
    expect(table).toEqual([
      [0, 0],
      [0, 1],
      [0, unknown],
      [0, 1],
      [1, 1],
      [unknown, 1],
      [0, unknown],
      [unknown, 1],
      [unknown, unknown],
    ])
  })

  test('a cross needs the other side one bar ago, and does not repeat while it lasts', () => {
    const cross = crossesAbove(close(), 10)
    expect([
      evaluate(cross, [9, 11]),
      evaluate(cross, [10, 11]),
      evaluate(cross, [11, 12]),
      evaluate(cross, [11, 9]),
      evaluate(cross, [11]),
    ]).toEqual([1, 1, 0, 0, unknown])
  })

  test('before shifts every leaf, also inside functions', () => {
    const it = custom({ id: 'twice', revision: 1, call: (x) => x * 2 }, close())
    expect(evaluate(before(it, 2), [3, 4, 5])).toBe(6)
  })

  test('survives JSON, but for functions, which say what is missing', () => {
    const data = and(gt(close({ ago: 2 }), value('fast.line')), lt(low({ input: 'trend' }), 5))
    expect(expression.parse(JSON.parse(JSON.stringify(data)))).toEqual(data)
    const hatch = custom({ id: 'mine', revision: 3, call: () => 1 }, close())
    const read = expression.parse(JSON.parse(JSON.stringify(describedExpression(hatch))))
    expect(() => compileExpression(read, leavesOf([1]))).toThrowError(/"mine" has no code here/)
  })

  test('foreign data is refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (it) => {
        fc.pre(!(typeof it === 'number' && Number.isFinite(it)))
        expect(expression.safeParse(it).success).toBe(false)
      }),
    )
    expect(expression.safeParse({ op: 'gt', of: [1] }).success).toBe(false)
    expect(expression.safeParse({ op: 'eval', of: [1] }).success).toBe(false)
  })
})
