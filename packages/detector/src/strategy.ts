import { BarfinexError, hashOf, schemas, type Timeframe, timeframeMs } from '@barfinex/core'
import { z } from 'zod'
import { type IndicatorPlan, parseIndicator } from './indicators/indicator-plan.js'
import { describedExpression, type Expression, expression, partsOf } from './rules/expression.js'

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'must be a name of letters, digits, _ and -')

const input = z.union([
  schemas.timeframe,
  z.strictObject({ timeframe: schemas.timeframe, symbol: schemas.symbol.optional() }),
])

const indicatorUse = z.strictObject({
  /** Name in the catalog. */
  indicator: name,
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  /** Name of the input; the trigger input when absent. */
  input: name.optional(),
})

const rule = z.strictObject({
  id: name,
  direction: schemas.direction,
  weight: z.number().positive().max(1_000),
  when: expression,
})

const veto = z.strictObject({
  id: name,
  /** Only this direction; both when absent. */
  direction: schemas.direction.optional(),
  when: expression,
})

const exits = z.strictObject({ stop: expression, target: expression })

const strategySchema = z
  .strictObject({
    id: name,
    /** One line for people. */
    title: z.string().max(200).default(''),
    /** Symbols it trades; every instrument that Provider serves when absent. */
    symbols: z.array(schemas.symbol).min(1).optional(),
    /** Named market data. The first one is the trigger: the strategy is judged at each of its closes. */
    inputs: z.record(name, input),
    indicators: z.record(name, indicatorUse).default({}),
    rules: z.array(rule).min(1).max(100),
    vetoes: z.array(veto).max(50).default([]),
    /** Score a direction needs; a direction without one never signals. */
    thresholds: z.strictObject({ long: z.number().positive().optional(), short: z.number().positive().optional() }),
    /** Proposed protective prices, per direction. */
    exits: z.strictObject({ long: exits.optional(), short: exits.optional() }),
    /** The signal is void this many trigger bars after it fired. */
    expiresAfterBars: z.number().int().min(1).max(1_000).default(1),
    /** No second signal of the same direction within so many trigger bars. */
    cooldownBars: z.number().int().min(0).max(10_000).default(0),
    /** Wish for a share of the normal size; only a hint. */
    sizeHint: expression.default(1),
  })
  .readonly()

/** A strategy as written: what {@link defineStrategy} takes. */
export type StrategyOptions = z.input<typeof strategySchema>

/** A strategy: data through and through, so it can be hashed, stored, compared and explained. */
export interface Strategy extends z.output<typeof strategySchema> {
  /** SHA-256 of the canonical description. */
  readonly hash: string
  /** Name of the input whose closes are judged. */
  readonly trigger: string
}

/** The timeframe and fixed symbol (or `null` for the traded one) of an input. */
export function inputOf(
  strategy: Strategy,
  name: string,
): { readonly timeframe: Timeframe; readonly symbol: string | null } {
  const it = strategy.inputs[name]
  if (it === undefined)
    throw invalid(strategy.id, `there is no input "${name}"; known: ${Object.keys(strategy.inputs).join(', ')}`)
  return typeof it === 'string'
    ? { timeframe: it, symbol: null }
    : { timeframe: it.timeframe, symbol: it.symbol ?? null }
}

/**
 * Describes a strategy and checks it whole: unknown indicators, inputs, outputs and parameters are refused here, with
 * `strategy.invalid`, not in the middle of a trading day.
 *
 * @example
 * const strategy = defineStrategy({
 *   id: 'ema-cross',
 *   inputs: { main: '5m' },
 *   indicators: { fast: ema({ period: 9 }), slow: ema({ period: 21 }), range: atr({ period: 14 }) },
 *   rules: [{ id: 'cross', direction: 'long', weight: 1, when: crossesAbove(value('fast'), value('slow')) }],
 *   thresholds: { long: 1 },
 *   exits: { long: { stop: subtract(close(), multiply(2, value('range'))), target: add(close(), multiply(3, value('range'))) } },
 * })
 */
export function defineStrategy(options: StrategyOptions): Strategy {
  const parsed = strategySchema.safeParse(options)
  if (!parsed.success) throw invalid(String(options?.id ?? '?'), z.prettifyError(parsed.error))
  const trigger = Object.keys(parsed.data.inputs)[0]
  if (trigger === undefined) throw invalid(parsed.data.id, 'it needs at least one input; the first is the trigger')
  const strategy: Strategy = { ...parsed.data, hash: hashOf(described(parsed.data)), trigger }
  checkIds(strategy)
  checkDirections(strategy)
  checkReferences(strategy)
  return Object.freeze(strategy)
}

function described(it: z.output<typeof strategySchema>): unknown {
  const exit = (side: z.output<typeof exits> | undefined) =>
    side && { stop: describedExpression(side.stop), target: describedExpression(side.target) }
  return {
    ...it,
    // The trigger is the first input, and canonical JSON sorts keys: the order must be part of what is hashed.
    inputs: Object.entries(it.inputs),
    rules: it.rules.map((each) => ({ ...each, when: describedExpression(each.when) })),
    vetoes: it.vetoes.map((each) => ({ ...each, when: describedExpression(each.when) })),
    exits: { long: exit(it.exits.long), short: exit(it.exits.short) },
    sizeHint: describedExpression(it.sizeHint),
  }
}

function checkIds(strategy: Strategy): void {
  const seen = new Set<string>()
  for (const { id } of [...strategy.rules, ...strategy.vetoes]) {
    if (seen.has(id)) throw invalid(strategy.id, `two rules or vetoes are called "${id}"`)
    seen.add(id)
  }
}

function checkDirections(strategy: Strategy): void {
  const { long, short } = strategy.thresholds
  if (long === undefined && short === undefined)
    throw invalid(strategy.id, 'it needs a threshold for long or for short')
  for (const direction of ['long', 'short'] as const) {
    const threshold = strategy.thresholds[direction]
    if (threshold === undefined) continue
    if (strategy.exits[direction] === undefined) throw invalid(strategy.id, `${direction} needs a stop and a target`)
    const reach = strategy.rules.filter((it) => it.direction === direction).reduce((sum, it) => sum + it.weight, 0)
    if (reach < threshold) {
      throw invalid(
        strategy.id,
        `the ${direction} rules add up to ${reach}, which never reaches the threshold ${threshold}`,
      )
    }
  }
}

function checkReferences(strategy: Strategy): void {
  for (const [id, use] of Object.entries(strategy.indicators)) {
    planOf(strategy, id)
    if (use.input !== undefined) inputOf(strategy, use.input)
  }
  for (const it of expressionsOf(strategy).flatMap((each) => [...partsOf(each)])) {
    if (it.op === 'candle' && it.input !== undefined) inputOf(strategy, it.input)
    if (it.op === 'indicator') outputIndex(strategy, it.name, it.output)
  }
}

/** One of the strategy's indicators with its parameters settled. */
export function planOf(strategy: Strategy, name: string): IndicatorPlan {
  const use = strategy.indicators[name]
  if (use === undefined) {
    const known = Object.keys(strategy.indicators).join(', ') || 'none'
    throw invalid(strategy.id, `there is no indicator "${name}"; known: ${known}`)
  }
  try {
    return parseIndicator(use.indicator, use.params)
  } catch (cause) {
    throw invalid(strategy.id, `indicator "${name}": ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** Every expression of a strategy. */
export function expressionsOf(strategy: Strategy): readonly Expression[] {
  const { long, short } = strategy.exits
  return [
    ...strategy.rules.map((it) => it.when),
    ...strategy.vetoes.map((it) => it.when),
    ...[long, short].flatMap((it) => (it === undefined ? [] : [it.stop, it.target])),
    strategy.sizeHint,
  ]
}

/** Position of an output among its indicator's; the first when `output` is absent. */
export function outputIndex(strategy: Strategy, name: string, output: string | undefined): number {
  const plan = planOf(strategy, name)
  if (output === undefined) return 0
  const index = plan.outputs.findIndex((it) => it.name === output)
  if (index < 0) {
    const known = plan.outputs.map((it) => it.name).join(', ')
    throw invalid(strategy.id, `indicator "${name}" has no output "${output}"; it has ${known}`)
  }
  return index
}

export interface InputNeed {
  readonly input: string
  readonly timeframe: Timeframe
  readonly symbol: string | null
  /** Closed candles before the first judgement. */
  readonly candles: number
}

/** Where a recursive start never fades for certain, this many bars are asked for. */
const unboundedSettle = 1_000
const mostCandles = 5_000

/** What a strategy needs to know before its first judgement, derived from its indicators and how far back it looks. */
export function warmUpNeed(strategy: Strategy): readonly InputNeed[] {
  const parts = expressionsOf(strategy).flatMap((each) => [...partsOf(each)])
  return Object.keys(strategy.inputs)
    .map((id) => {
      let candles = 1
      for (const it of parts) {
        if (it.op === 'candle' && (it.input ?? strategy.trigger) === id) candles = Math.max(candles, (it.ago ?? 0) + 1)
      }
      for (const [indicatorId, use] of Object.entries(strategy.indicators)) {
        if ((use.input ?? strategy.trigger) !== id) continue
        const plan = planOf(strategy, indicatorId)
        const longestAgo = parts.reduce(
          (longest, it) =>
            it.op === 'indicator' && it.name === indicatorId ? Math.max(longest, it.ago ?? 0) : longest,
          0,
        )
        candles = Math.max(candles, settledAfter(plan, inputOf(strategy, id).timeframe) + longestAgo)
      }
      return { input: id, ...inputOf(strategy, id), candles: Math.min(candles, mostCandles) }
    })
    .sort((a, b) => timeframeMs(a.timeframe) - timeframeMs(b.timeframe))
}

/** Candles after which an indicator has forgotten its start: by count, by a session's length, or by a guess where it never does. */
function settledAfter(plan: IndicatorPlan, timeframe: Timeframe): number {
  if (Number.isFinite(plan.settle)) return plan.settle
  const session = Math.ceil(plan.settleMs / timeframeMs(timeframe))
  return Math.max(session > 0 ? session : unboundedSettle, ...plan.warmUp)
}

function invalid(id: string, what: string): BarfinexError {
  return new BarfinexError('strategy.invalid', `Strategy "${id}": ${what}. Mend the description.`)
}
