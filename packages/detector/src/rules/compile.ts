import { BarfinexError } from '@barfinex/core'
import type { CandleExpression, Expression, IndicatorExpression } from './expression.js'

/** Reads a value that changes with every candle. NaN while it is not known. */
export type Read = () => number

/** Where the leaves of an expression come from. */
export interface Leaves {
  candle(it: CandleExpression): Read
  indicator(it: IndicatorExpression): Read
}

/** Turns an expression into a function without arguments. Done once per strategy and symbol; called once per candle. */
export function compileExpression(it: Expression, leaves: Leaves): Read {
  if (typeof it === 'number') return () => it
  if (it.op === 'candle') return leaves.candle(it)
  if (it.op === 'indicator') return leaves.indicator(it)
  const operands = it.of.map((operand) => compileExpression(operand, leaves))
  if (it.op === 'function') {
    const { call } = it
    if (call === undefined) {
      throw new BarfinexError(
        'strategy.invalid',
        `The function "${it.id}" has no code here: it was read from data. Give the strategy as code.`,
      )
    }
    return () => Number(call(...operands.map((read) => read())))
  }
  const first = operands[0] as Read
  const second = operands[1] as Read
  switch (it.op) {
    case 'subtract':
      return () => first() - second()
    case 'divide':
      return () => {
        const divisor = second()
        return divisor === 0 ? Number.NaN : first() / divisor
      }
    case 'gt':
      return () => truth(first(), second(), (a, b) => a > b)
    case 'gte':
      return () => truth(first(), second(), (a, b) => a >= b)
    case 'lt':
      return () => truth(first(), second(), (a, b) => a < b)
    case 'lte':
      return () => truth(first(), second(), (a, b) => a <= b)
    case 'negate':
      return () => -first()
    case 'abs':
      return () => Math.abs(first())
    case 'not':
      return () => {
        const value = first()
        return Number.isNaN(value) ? value : value === 0 ? 1 : 0
      }
    case 'add':
      return fold(operands, (a, b) => a + b)
    case 'multiply':
      return fold(operands, (a, b) => a * b)
    case 'min':
      return fold(operands, Math.min)
    case 'max':
      return fold(operands, Math.max)
    case 'and':
      return decide(operands, 0)
    case 'or':
      return decide(operands, 1)
  }
}

function truth(a: number, b: number, holds: (a: number, b: number) => boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN
  return holds(a, b) ? 1 : 0
}

function fold(operands: readonly Read[], combine: (a: number, b: number) => number): Read {
  return () => {
    let result = (operands[0] as Read)()
    for (let index = 1; index < operands.length; index += 1) result = combine(result, (operands[index] as Read)())
    return result
  }
}

/** `and` and `or` in Kleene's three-valued logic: a deciding operand settles it, whatever is unknown beside it. */
function decide(operands: readonly Read[], deciding: 0 | 1): Read {
  return () => {
    let isUnknown = false
    for (const read of operands) {
      const value = read()
      if (Number.isNaN(value)) isUnknown = true
      else if ((value === 0 ? 0 : 1) === deciding) return deciding
    }
    return isUnknown ? Number.NaN : 1 - deciding
  }
}
