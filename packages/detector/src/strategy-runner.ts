import {
  type Candle,
  type CandleFollower,
  type Envelope,
  type Evaluation,
  flow,
  followCandles,
  type Publisher,
  type Reason,
  type Runtime,
  type Signal,
  type StrategyState,
} from '@barfinex/core'
import { type DetectState, detect, initialState, warm } from './detect.js'
import { type Strategy, warmUpNeed } from './strategy.js'

/** A strategy is asked for its state at least this often, so a terminal shows that it lives. */
const evaluationsPerState = 50

interface RunnerDoors {
  readonly evaluations: Publisher<Evaluation>
  readonly signals: Publisher<Signal>
  readonly states: Publisher<StrategyState>
}

/**
 * Runs one strategy over its symbols, apart from all others: what it throws puts it into quarantine and goes no further.
 */
export class StrategyRunner {
  private readonly states = new Map<string, DetectState>()
  private readonly followers: CandleFollower[] = []
  private state: StrategyState['state'] = 'warming'
  private reason: Reason | null = null
  private since: number
  private evaluationCount = 0
  private signalCount = 0

  constructor(
    readonly strategy: Strategy,
    private readonly runtime: Runtime,
    private readonly doors: RunnerDoors,
    private readonly evaluations: 'all' | 'signals',
    /** Why no signal may leave now, or `null`. */
    private readonly quieted: (strategy: Strategy, symbol: string) => Reason | null,
  ) {
    this.since = runtime.clock.now()
  }

  /** True when the strategy trades this symbol. */
  wants(symbol: string): boolean {
    return this.strategy.symbols === undefined || this.strategy.symbols.includes(symbol)
  }

  /** Begins a symbol: history first, then live. Resolves when history has been taken in. */
  async follow(symbol: string): Promise<void> {
    if (this.states.has(symbol) || !this.wants(symbol)) return
    const state = initialState(this.strategy, symbol)
    this.states.set(symbol, state)
    const { bus, clock, log } = this.runtime
    const ready: Promise<unknown>[] = []
    // Inputs that share a timeframe and a symbol share a stream: the memory hands a candle to all of them at once.
    const needs = new Map<string, { symbol: string; timeframe: Candle['timeframe']; candles: number }>()
    for (const need of warmUpNeed(this.strategy)) {
      const it = { symbol: need.symbol ?? symbol, timeframe: need.timeframe, candles: need.candles }
      const key = `${it.symbol}@${it.timeframe}`
      needs.set(key, { ...it, candles: Math.max(it.candles, needs.get(key)?.candles ?? 0) })
    }
    for (const need of needs.values()) {
      const follower = followCandles({
        bus,
        clock,
        symbol: need.symbol,
        timeframe: need.timeframe,
        need: need.candles,
        onCandle: (candle, envelope) => this.take(state, candle, envelope),
        onReason: (reason) => log.warn(reason.message, { strategy: this.strategy.id, code: reason.code }),
      })
      this.followers.push(follower)
      ready.push(follower.ready)
    }
    await Promise.all(ready)
  }

  /** Warm-up is over for now: say so. */
  activate(): void {
    if (this.state === 'warming') this.become('active', null)
  }

  /** Lets a quarantined strategy try again, with a fresh memory. */
  async release(): Promise<void> {
    if (this.state !== 'quarantined') return
    const symbols = [...this.states.keys()]
    this.stop()
    this.states.clear()
    this.become('warming', null)
    await Promise.all(symbols.map((symbol) => this.follow(symbol)))
    this.activate()
  }

  stop(): void {
    for (const follower of this.followers.splice(0)) follower.stop()
  }

  describe(): StrategyState {
    return {
      strategyId: this.strategy.id,
      strategyHash: this.strategy.hash,
      state: this.state,
      reason: this.reason,
      since: this.since,
      evaluationCount: this.evaluationCount,
      signalCount: this.signalCount,
    }
  }

  private take(state: DetectState, candle: Candle, envelope: Envelope<Candle> | null): void {
    if (this.state === 'quarantined') return
    try {
      if (envelope === null) warm(state, candle)
      else this.judge(state, candle, envelope)
    } catch (error) {
      this.quarantine(error, state.symbol)
    }
  }

  private judge(state: DetectState, candle: Candle, envelope: Envelope<Candle>): void {
    const { evaluation, signal } = detect(state, candle)
    if (evaluation === null) return
    this.evaluationCount += 1
    const occurredAt = this.runtime.clock.now()
    const quiet = signal === null ? null : this.quieted(this.strategy, state.symbol)
    if (quiet !== null) {
      this.doors.evaluations.publish(
        { ...evaluation, signalId: null, reasons: [quiet] },
        { occurredAt, cause: envelope },
      )
      if (this.state === 'active') this.become('throttled', quiet)
      return
    }
    if (this.state === 'throttled' && signal !== null) this.become('active', null)
    if (this.evaluations === 'all' || signal !== null) {
      this.doors.evaluations.publish(evaluation, { occurredAt, cause: envelope })
    }
    if (signal !== null) {
      this.signalCount += 1
      this.doors.signals.publish(signal, { occurredAt, cause: envelope })
    }
    if (signal !== null || this.evaluationCount % evaluationsPerState === 0) this.publishState()
  }

  private quarantine(error: unknown, symbol: string): void {
    const text = error instanceof Error ? error.message : String(error)
    this.runtime.log.error('strategy quarantined', { strategy: this.strategy.id, symbol, error })
    this.become('quarantined', {
      code: 'detector.strategy-threw',
      message: `It threw on ${symbol}: ${text}`.slice(0, 500),
      observed: symbol,
    })
  }

  private become(state: StrategyState['state'], reason: Reason | null): void {
    this.state = state
    this.reason = reason
    this.since = this.runtime.clock.now()
    this.publishState()
  }

  private publishState(): void {
    this.doors.states.publish(this.describe(), { occurredAt: this.runtime.clock.now() })
  }
}

/** The doors a detector writes through. */
export function openDoors(runtime: Pick<Runtime, 'bus' | 'epoch'>): RunnerDoors {
  const { bus, epoch } = runtime
  return {
    evaluations: bus.publisher(flow.evaluation, 'detector', epoch),
    signals: bus.publisher(flow.signal, 'detector', epoch),
    states: bus.publisher(flow.strategyState, 'detector', epoch),
  }
}
