import { BarfinexError, canonicalJson, parseOptions } from '@barfinex/core'
import type { CandleInput } from './candle-row.js'
import type { Indicator, IndicatorDefinition, IndicatorOutput } from './indicator.js'
import {
  type IndicatorName,
  type IndicatorParams,
  indicatorCatalog,
  indicatorNames,
  isIndicatorName,
} from './indicator-catalog.js'

/** An indicator with its parameters settled: what must be known before the first candle, and the way to make instances. */
export interface IndicatorPlan {
  readonly name: IndicatorName
  /** Complete, with defaults filled in. */
  readonly params: Readonly<Record<string, unknown>>
  /** Equal for equal indicators, whatever way they were written: one instance per key and series is enough. */
  readonly key: string
  readonly inputs: readonly CandleInput[]
  /** In the order of `Indicator.values`. */
  readonly outputs: readonly IndicatorOutput[]
  /** Per output, the number of candles after which it is defined. */
  readonly warmUp: readonly number[]
  /** Candles of history that make the start forgotten; Infinity where it never fades for certain. */
  readonly settle: number
  /** The history that is needed for that as a span of time, in milliseconds, where `settle` cannot say it; else 0. */
  readonly settleMs: number
  /** A new instance, which has seen nothing. */
  create(): Indicator
}

/**
 * Settles the parameters of an indicator.
 *
 * Throws `options.invalid` for parameters that are wrong or unknown.
 *
 * @example
 * const plan = planIndicator('macd', { fast: 8, slow: 21 })
 * plan.outputs.map(({ name }) => name) // => ['macd', 'signal', 'histogram']
 * plan.warmUp // => [21, 29, 29]
 */
export function planIndicator<Name extends IndicatorName>(name: Name, params?: IndicatorParams<Name>): IndicatorPlan {
  return parseIndicator(name, params ?? {})
}

/**
 * {@link planIndicator} for a name and parameters that come from outside (a strategy as data).
 *
 * Throws `options.invalid` for a name that the catalog does not have, too.
 */
export function parseIndicator(name: string, params: unknown = {}): IndicatorPlan {
  if (!isIndicatorName(name)) {
    const known = [...indicatorNames].sort().join(', ')
    throw new BarfinexError('options.invalid', `There is no indicator "${name}". Take one of: ${known}.`, {
      details: { name },
    })
  }
  const definition: IndicatorDefinition = indicatorCatalog[name]
  const complete = parseOptions(definition.params, params, `Indicator ${name}`)
  return {
    name,
    params: complete,
    key: `${name}${canonicalJson(complete)}`,
    inputs: definition.inputs(complete),
    outputs: definition.outputs,
    warmUp: definition.warmUp(complete),
    settle: definition.settle(complete),
    settleMs: definition.settleMs?.(complete) ?? 0,
    create: () => definition.create(complete),
  }
}

/**
 * A new indicator of the catalog. To know its outputs and warm-up, or to make many, see {@link planIndicator}.
 *
 * @example
 * const ema = createIndicator('ema', { period: 2 })
 * const row = createCandleRow()
 * ema.next(writeCandle(row, 10, 10, 10, 10, 1, 0))
 * ema.next(writeCandle(row, 10, 14, 10, 14, 1, 60_000))
 * ema.values[0] // => 12
 */
export function createIndicator<Name extends IndicatorName>(name: Name, params?: IndicatorParams<Name>): Indicator {
  return planIndicator(name, params).create()
}
