import { z } from 'zod'
import { type CandleSource, candleSources } from '../indicators/candle-row.js'

/** Operators of any number of operands, at least one. */
export const variadicOperators = ['add', 'multiply', 'min', 'max', 'and', 'or'] as const
/** Operators of exactly two operands. */
export const binaryOperators = ['subtract', 'divide', 'gt', 'gte', 'lt', 'lte'] as const
/** Operators of exactly one operand. */
export const unaryOperators = ['negate', 'abs', 'not'] as const

export type VariadicOperator = (typeof variadicOperators)[number]
export type BinaryOperator = (typeof binaryOperators)[number]
export type UnaryOperator = (typeof unaryOperators)[number]

/** A price or volume of an input's candle, `ago` bars back. */
export interface CandleExpression {
  readonly op: 'candle'
  readonly source: CandleSource
  /** Name of the input; the trigger input when absent. */
  readonly input?: string | undefined
  /** Bars of that input back; 0 is the newest closed one. */
  readonly ago?: number | undefined
}

/** An indicator's output, `ago` bars of its input back. */
export interface IndicatorExpression {
  readonly op: 'indicator'
  readonly name: string
  /** The indicator's first output when absent. */
  readonly output?: string | undefined
  readonly ago?: number | undefined
}

export interface OperatorExpression {
  readonly op: VariadicOperator | BinaryOperator | UnaryOperator
  readonly of: readonly Expression[]
}

/**
 * The marked escape hatch: a pure function of numbers. Its code cannot be serialised or hashed, so `id` and `revision`
 * stand for it: change `revision` whenever the function changes.
 */
export interface FunctionExpression {
  readonly op: 'function'
  readonly id: string
  readonly revision: number
  readonly of: readonly Expression[]
  readonly call?: ((...operands: readonly number[]) => number) | undefined
}

/**
 * A rule's condition or a price, as data. A condition is 1 (true) or 0 (false); a value that is not known yet is NaN and
 * makes everything that depends on it unknown, except where an `or` is already true or an `and` already false.
 */
export type Expression = number | CandleExpression | IndicatorExpression | OperatorExpression | FunctionExpression

const ago = z.number().int().min(0).max(10_000).optional()
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'must be a name of letters, digits, _ and -')

/** Checks an expression that comes from outside, such as a strategy file. Nesting is limited to keep judgement bounded. */
export const expression: z.ZodType<Expression> = z.lazy(() =>
  z.union([
    z.number(),
    z.strictObject({ op: z.literal('candle'), source: z.enum(candleSources), input: name.optional(), ago }),
    z.strictObject({ op: z.literal('indicator'), name, output: name.optional(), ago }),
    z.strictObject({ op: z.enum(variadicOperators), of: z.array(expression).min(1).max(32) }),
    z.strictObject({ op: z.enum(binaryOperators), of: z.array(expression).length(2) }),
    z.strictObject({ op: z.enum(unaryOperators), of: z.array(expression).length(1) }),
    z.strictObject({
      op: z.literal('function'),
      id: name,
      revision: z.number().int().min(1),
      of: z.array(expression).max(32),
      call: z.custom<(...operands: readonly number[]) => number>((value) => typeof value === 'function').optional(),
    }),
  ]),
)

/** The expression without its functions' code: what is hashed and sent over a wire. */
export function describedExpression(it: Expression): Expression {
  if (typeof it === 'number') return it
  if (it.op === 'candle' || it.op === 'indicator') return it
  if (it.op === 'function') return { op: it.op, id: it.id, revision: it.revision, of: it.of.map(describedExpression) }
  return { op: it.op, of: it.of.map(describedExpression) }
}

/** Every expression inside, itself included, depth first. */
export function* partsOf(it: Expression): Generator<Exclude<Expression, number>> {
  if (typeof it === 'number') return
  yield it
  if ('of' in it) for (const operand of it.of) yield* partsOf(operand)
}
