import type { Candle } from '@barfinex/core'
import { type CandleRow, type CandleSource, createCandleRow, sourceSlot, writeCandle } from './indicators/candle-row.js'
import type { Indicator } from './indicators/indicator.js'
import type { Leaves, Read } from './rules/compile.js'
import { type Expression, partsOf } from './rules/expression.js'
import { Series } from './series.js'
import { expressionsOf, inputOf, outputIndex, planOf, type Strategy } from './strategy.js'

interface InputMemory {
  readonly row: CandleRow
  readonly indicators: {
    readonly indicator: Indicator
    readonly outputs: readonly { readonly index: number; readonly series: Series }[]
  }[]
  readonly sources: { readonly slot: number; readonly series: Series }[]
  lastOpenTime: number
  /** Closed bars that the trigger may not see yet. */
  readonly pending: Candle[]
}

/**
 * What one strategy remembers of one symbol's market: indicators and recent values per input.
 *
 * Every input but the trigger shows only bars that closed before the judged bar did. A bar that closes at the very same
 * instant waits, so the judgement does not depend on which of the two arrives first.
 */
export class MarketMemory {
  private readonly series = new Map<string, Series>()
  private readonly inputs = new Map<string, InputMemory>()
  private readonly together: ReadonlySet<string>

  constructor(
    private readonly strategy: Strategy,
    readonly symbol: string,
  ) {
    const trigger = this.resolve(strategy.trigger)
    this.together = new Set(
      Object.keys(strategy.inputs).filter((id) => {
        const it = this.resolve(id)
        return it.timeframe === trigger.timeframe && it.symbol === trigger.symbol
      }),
    )
    for (const id of Object.keys(strategy.inputs)) this.inputs.set(id, this.remember(id))
  }

  /** Timeframe and symbol of an input, with the traded symbol filled in. */
  resolve(id: string) {
    const it = inputOf(this.strategy, id)
    return { timeframe: it.timeframe, symbol: it.symbol ?? this.symbol }
  }

  /** Inputs that this candle belongs to. */
  inputsOf(candle: Candle): readonly string[] {
    return [...this.inputs.keys()].filter((id) => {
      const it = this.resolve(id)
      return it.timeframe === candle.timeframe && it.symbol === candle.symbol
    })
  }

  /** True when this candle is to be judged. */
  isTrigger(candle: Candle): boolean {
    const it = this.resolve(this.strategy.trigger)
    return it.timeframe === candle.timeframe && it.symbol === candle.symbol
  }

  /** Takes a candle in without judging it: history, or an input other than the trigger. */
  absorb(candle: Candle): void {
    for (const id of this.inputsOf(candle)) this.apply(this.inputs.get(id) as InputMemory, candle)
  }

  /** Keeps a candle of another input until a later trigger bar may see it. */
  wait(candle: Candle): void {
    for (const id of this.inputsOf(candle)) this.inputs.get(id)?.pending.push(candle)
  }

  /** Takes the trigger candle in, and before it everything that had closed earlier. False when it was seen already. */
  advance(candle: Candle): boolean {
    const own = this.inputs.get(this.strategy.trigger) as InputMemory
    if (candle.openTime <= own.lastOpenTime) return false
    for (const [id, memory] of this.inputs) {
      if (this.together.has(id)) continue
      while (memory.pending.length > 0 && (memory.pending[0] as Candle).closeTime < candle.closeTime) {
        this.apply(memory, memory.pending.shift() as Candle)
      }
    }
    for (const id of this.together) this.apply(this.inputs.get(id) as InputMemory, candle)
    return true
  }

  /** Readers of the leaves of expressions. */
  leaves(): Leaves {
    return {
      candle: (it) => this.readCandle(it.input ?? this.strategy.trigger, it.source, it.ago ?? 0),
      indicator: (it) => this.readIndicator(it.name, outputIndex(this.strategy, it.name, it.output), it.ago ?? 0),
    }
  }

  private apply(memory: InputMemory, candle: Candle): void {
    if (candle.openTime <= memory.lastOpenTime) return
    memory.lastOpenTime = candle.openTime
    const { row } = memory
    writeCandle(row, candle.open, candle.high, candle.low, candle.close, candle.volume, candle.openTime)
    for (const { slot, series } of memory.sources) series.push(row[slot] as number)
    for (const { indicator, outputs } of memory.indicators) {
      indicator.next(row)
      for (const { index, series } of outputs) series.push(indicator.values[index] as number)
    }
  }

  private remember(id: string): InputMemory {
    const parts = expressionsOf(this.strategy).flatMap((it: Expression) => [...partsOf(it)])
    const depths = new Map<string, number>()
    const deepen = (key: string, ago: number) => depths.set(key, Math.max(depths.get(key) ?? 0, ago))
    for (const it of parts) {
      if (it.op === 'candle' && (it.input ?? this.strategy.trigger) === id) deepen(`candle.${it.source}`, it.ago ?? 0)
      if (it.op === 'indicator') deepen(`${it.name}.${outputIndex(this.strategy, it.name, it.output)}`, it.ago ?? 0)
    }
    const memory: InputMemory = { row: createCandleRow(), indicators: [], sources: [], lastOpenTime: -1, pending: [] }
    for (const [key, depth] of depths) {
      if (!key.startsWith('candle.')) continue
      const source = key.slice('candle.'.length) as CandleSource
      memory.sources.push({ slot: sourceSlot(source), series: this.keep(`${id}/${source}`, depth) })
    }
    for (const [name, use] of Object.entries(this.strategy.indicators)) {
      if ((use.input ?? this.strategy.trigger) !== id) continue
      const plan = planOf(this.strategy, name)
      const outputs = plan.outputs.flatMap((_, index) => {
        const depth = depths.get(`${name}.${index}`)
        return depth === undefined ? [] : [{ index, series: this.keep(`${name}.${index}`, depth) }]
      })
      memory.indicators.push({ indicator: plan.create(), outputs })
    }
    return memory
  }

  private keep(key: string, depth: number): Series {
    const series = new Series(depth)
    this.series.set(key, series)
    return series
  }

  private readCandle(input: string, source: CandleSource, ago: number): Read {
    const series = this.series.get(`${input}/${source}`) as Series
    return () => series.at(ago)
  }

  private readIndicator(name: string, output: number, ago: number): Read {
    const series = this.series.get(`${name}.${output}`) as Series
    return () => series.at(ago)
  }
}
