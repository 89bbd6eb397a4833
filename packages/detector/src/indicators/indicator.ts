import type { z } from 'zod'
import type { CandleInput, CandleRow } from './candle-row.js'

/**
 * A streaming indicator: one closed candle in, its values out, in constant time (but for `cci`) and without creating objects.
 *
 * The same rules hold for every indicator of the catalog:
 * - `values` is NaN until enough candles were seen, and defined from exactly that candle on (`warmUp` of the plan). A
 *   value that does not exist even then (a volume-weighted mean of no volume, a change from zero) is NaN too. A bounded
 *   oscillator of a market that did not move gives its middle instead, as its description says.
 * - A candle with a needed field that is not finite is skipped: it gives NaN and leaves the state as it was.
 * - Candles are counted, not minutes: a gap in time is not seen (only the session of `vwap` reads the clock). Who knows
 *   of a gap and does not want to bridge it calls `reset`.
 * - Nothing drifts: sums over a window never subtract, so a million candles later the value is the one a fresh
 *   indicator finds in the same window.
 *
 * Not thread-safe and not shared: one instance per series.
 */
export interface Indicator {
  /** The outputs in the order of the definition, overwritten by every candle. Owned by the indicator: read, do not write. */
  readonly values: Float64Array
  /** Takes the next closed candle. */
  next(row: CandleRow): void
  /** Forgets everything, as if new. */
  reset(): void
}

/** An indicator of one series. `update` feeds it a bare number, so that it can follow another indicator's output. */
export interface SourceIndicator extends Indicator {
  /** Takes the next number of the series and returns the first output. */
  update(value: number): number
}

/**
 * How an output behaves when the quotation changes, which also says where a chart draws it.
 *
 * `price`: a level on the price axis (or of the source, when that is volume). `distance`: a difference of prices.
 * `percent` and `ratio`: free of units. `direction`: 1, -1. `volume`: base currency. `flow`: price times volume.
 */
export type OutputUnit = 'price' | 'distance' | 'percent' | 'ratio' | 'direction' | 'volume' | 'flow'

/** One number that an indicator gives per candle. */
export interface IndicatorOutput {
  readonly name: string
  readonly unit: OutputUnit
  readonly description: string
}

/** Everything there is to know about an indicator, as data: the catalog, the documentation and the engine read this. */
export interface IndicatorDefinition<Name extends string = string, Schema extends z.ZodObject = z.ZodObject> {
  readonly name: Name
  readonly title: string
  /** What it tells, and what it answers where the formula has no answer. */
  readonly description: string
  /** The formula in plain text; `n` is the period and `x` the source. */
  readonly formula: string
  /** Who described it first, or the convention followed where there are several. */
  readonly origin: string
  readonly params: Schema
  readonly outputs: readonly IndicatorOutput[]
  /** The candle fields it reads. */
  inputs(params: z.output<Schema>): readonly CandleInput[]
  /** Per output, how many candles it takes until it is defined: 1 is "from the first candle". */
  warmUp(params: z.output<Schema>): readonly number[]
  /**
   * How many candles make the start forgotten: from then on, whatever happened before the first of them changes the
   * values by less than about a millionth. Equal to the longest warm-up for windows; longer for recursive averages;
   * Infinity where the start never fades for certain (running totals, path-dependent stops).
   */
  settle(params: z.output<Schema>): number
  /** The same as a span of time, in milliseconds, where that and not a number of candles is what counts. */
  settleMs?(params: z.output<Schema>): number
  create(params: z.output<Schema>): Indicator
}

/** Declares an indicator. Returns its argument, with its types. */
export function defineIndicator<const Name extends string, Schema extends z.ZodObject>(
  definition: IndicatorDefinition<Name, Schema>,
): IndicatorDefinition<Name, Schema> {
  return definition
}

/** Room for an indicator's outputs, all unknown yet. */
export function unknownValues(count: number): Float64Array {
  return new Float64Array(count).fill(Number.NaN)
}
