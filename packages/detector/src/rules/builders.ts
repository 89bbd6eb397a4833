import type { CandleSource } from '../indicators/candle-row.js'
import type { Expression, FunctionExpression } from './expression.js'

export interface CandleOptions {
  /** Name of the input; the trigger input when absent. */
  readonly input?: string
  /** Bars of that input back. */
  readonly ago?: number
}

/** A price or volume of a candle: `candle('hlc3', { input: 'trend', ago: 1 })`. */
export function candle(source: CandleSource, options: CandleOptions = {}): Expression {
  return { op: 'candle', source, ...options }
}

export const open = (options?: CandleOptions) => candle('open', options)
export const high = (options?: CandleOptions) => candle('high', options)
export const low = (options?: CandleOptions) => candle('low', options)
export const close = (options?: CandleOptions) => candle('close', options)
export const volume = (options?: CandleOptions) => candle('volume', options)

/** The value of one of the strategy's indicators: `value('fast')`, or of one of its outputs: `value('macd.signal')`. */
export function value(path: string, options: { readonly ago?: number } = {}): Expression {
  const [name = '', output] = path.split('.')
  return { op: 'indicator', name, ...(output === undefined ? {} : { output }), ...options }
}

export const add = (...of: readonly Expression[]): Expression => ({ op: 'add', of })
export const subtract = (a: Expression, b: Expression): Expression => ({ op: 'subtract', of: [a, b] })
export const multiply = (...of: readonly Expression[]): Expression => ({ op: 'multiply', of })
/** Unknown when the divisor is 0. */
export const divide = (a: Expression, b: Expression): Expression => ({ op: 'divide', of: [a, b] })
export const min = (...of: readonly Expression[]): Expression => ({ op: 'min', of })
export const max = (...of: readonly Expression[]): Expression => ({ op: 'max', of })
export const negate = (a: Expression): Expression => ({ op: 'negate', of: [a] })
export const abs = (a: Expression): Expression => ({ op: 'abs', of: [a] })

export const gt = (a: Expression, b: Expression): Expression => ({ op: 'gt', of: [a, b] })
export const gte = (a: Expression, b: Expression): Expression => ({ op: 'gte', of: [a, b] })
export const lt = (a: Expression, b: Expression): Expression => ({ op: 'lt', of: [a, b] })
export const lte = (a: Expression, b: Expression): Expression => ({ op: 'lte', of: [a, b] })
/** `low <= it <= high`. */
export const between = (it: Expression, lowest: Expression, highest: Expression): Expression =>
  and(gte(it, lowest), lte(it, highest))

export const and = (...of: readonly Expression[]): Expression => ({ op: 'and', of })
export const or = (...of: readonly Expression[]): Expression => ({ op: 'or', of })
export const not = (a: Expression): Expression => ({ op: 'not', of: [a] })

/** `a` was at or below `b` one bar ago and is above it now. */
export const crossesAbove = (a: Expression, b: Expression): Expression => and(gt(a, b), lte(before(a, 1), before(b, 1)))
/** `a` was at or above `b` one bar ago and is below it now. */
export const crossesBelow = (a: Expression, b: Expression): Expression => and(lt(a, b), gte(before(a, 1), before(b, 1)))

/** The same expression `bars` bars earlier; each part goes back by bars of its own input. */
export function before(it: Expression, bars: number): Expression {
  if (typeof it === 'number') return it
  if (it.op === 'candle' || it.op === 'indicator') return { ...it, ago: (it.ago ?? 0) + bars }
  return { ...it, of: it.of.map((operand) => before(operand, bars)) }
}

/**
 * The marked escape hatch: a pure function of numbers, known to hashes and wires only by `id` and `revision`.
 *
 * @example
 * custom({ id: 'body-share', revision: 1, call: (o, c, h, l) => Math.abs(c - o) / (h - l) }, open(), close(), high(), low())
 */
export function custom(
  it: Required<Pick<FunctionExpression, 'id' | 'revision' | 'call'>>,
  ...of: readonly Expression[]
): Expression {
  return { op: 'function', ...it, of }
}
