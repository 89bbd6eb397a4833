import { z } from 'zod'
import type { CandleInput } from './candle-row.js'
import type { IndicatorDefinition, IndicatorOutput } from './indicator.js'
import { type IndicatorName, indicatorCatalog, indicatorNames } from './indicator-catalog.js'

/** One parameter of an indicator. */
export interface IndicatorParam {
  readonly name: string
  readonly description: string
  readonly kind: 'integer' | 'number' | 'boolean' | 'choice'
  readonly default: number | string | boolean
  /** Smallest and largest value of a number, as far as there is one. */
  readonly least?: number
  readonly most?: number
  /** What may be chosen. */
  readonly choices?: readonly string[]
}

/** An indicator of the catalog as plain data: for a page, a form, a prompt. Numbers are those of the default parameters. */
export interface IndicatorDescription {
  readonly name: IndicatorName
  readonly title: string
  readonly description: string
  readonly formula: string
  readonly origin: string
  readonly params: readonly IndicatorParam[]
  readonly inputs: readonly CandleInput[]
  /** `warmUp` counts candles until the output is defined. */
  readonly outputs: readonly (IndicatorOutput & { readonly warmUp: number })[]
  /** Candles until the start is forgotten; `null` where it never is for certain. */
  readonly settle: number | null
  /** The same in milliseconds where time is what counts, else 0. */
  readonly settleMs: number
}

interface JsonParam {
  readonly type?: string
  readonly default: number | string | boolean
  readonly description?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly enum?: readonly string[]
}

function paramsOf(schema: z.ZodObject): readonly IndicatorParam[] {
  const { properties = {} } = z.toJSONSchema(schema) as { readonly properties?: Readonly<Record<string, JsonParam>> }
  return Object.entries(properties).map(([name, it]) => {
    const least = it.minimum ?? it.exclusiveMinimum
    return {
      name,
      description: it.description ?? '',
      kind: it.enum !== undefined ? 'choice' : it.type === 'integer' || it.type === 'boolean' ? it.type : 'number',
      default: it.default,
      ...(least === undefined ? {} : { least }),
      ...(it.maximum === undefined ? {} : { most: it.maximum }),
      ...(it.enum === undefined ? {} : { choices: it.enum }),
    }
  })
}

function describe(name: IndicatorName): IndicatorDescription {
  const definition: IndicatorDefinition = indicatorCatalog[name]
  const standard = definition.params.parse({})
  const warmUp = definition.warmUp(standard)
  const settle = definition.settle(standard)
  return {
    name,
    title: definition.title,
    description: definition.description,
    formula: definition.formula,
    origin: definition.origin,
    params: paramsOf(definition.params),
    inputs: definition.inputs(standard),
    outputs: definition.outputs.map((output, index) => ({ ...output, warmUp: warmUp[index] as number })),
    settle: Number.isFinite(settle) ? settle : null,
    settleMs: definition.settleMs?.(standard) ?? 0,
  }
}

/**
 * The whole catalog as plain data, in its order.
 *
 * @example
 * const [first] = describeIndicators()
 * first?.name // => 'sma'
 * first?.params[0] // => { name: 'period', description: 'Candles in the window.', kind: 'integer', default: 20, least: 1, most: 100000 }
 */
export function describeIndicators(): readonly IndicatorDescription[] {
  return indicatorNames.map(describe)
}
