import {
  createLifeline,
  type Evaluation,
  firstWords,
  flow,
  type LifePart,
  observe,
  parseOptions,
  type RuntimeOptions,
  resolveRuntime,
  type Service,
  type Signal,
  type StrategyState,
  type Timeframe,
  type Unsubscribe,
} from '@barfinex/core'
import type { Observable } from 'rxjs'
import { z } from 'zod'
import { Quiet } from './quiet.js'
import { defineStrategy, type Strategy, type StrategyOptions, warmUpNeed } from './strategy.js'
import { openDoors, StrategyRunner } from './strategy-runner.js'

const strategy = z
  .custom<Strategy | StrategyOptions>((value) => typeof value === 'object' && value !== null, 'must be a strategy')
  .transform((value) => ('hash' in value ? value : defineStrategy(value)))

/** A detector's own options; a desk adds the runtime. */
export const detectorOptions = z.strictObject({
  /** What to look for. Each has its own id. */
  strategies: z
    .array(strategy)
    .min(1)
    .refine((all) => new Set(all.map((it) => it.id)).size === all.length, 'must not hold two strategies of one id'),
  /** `signals` keeps only the evaluations that led to a signal: for long backtests, where nobody asks why not. */
  evaluations: z.enum(['all', 'signals']).default('all'),
})

export type DetectorOptions = RuntimeOptions & z.input<typeof detectorOptions>

/** Detector: market in, scored and explained signals out. */
export interface DetectorService extends Service {
  readonly name: 'detector'
  readonly signals$: Observable<Signal>
  /** Every judgement, also those without a signal. */
  readonly evaluations$: Observable<Evaluation>
  /** The state of each strategy, its present one first. */
  readonly strategies$: Observable<StrategyState>
  readonly strategies: readonly Strategy[]
  /** Timeframes that the strategies read: what Provider has to build. */
  readonly timeframes: readonly Timeframe[]
}

/**
 * Makes a detector. It is judged by the closed candles of its strategies' trigger inputs, on the desk's clock.
 *
 * A strategy that throws is quarantined and reported on `strategies$`; the others go on.
 *
 * @example
 * const service = createService({ bus, strategies: [emaPullback] })
 * service.signals$.subscribe((signal) => console.log(signal.symbol, signal.direction, signal.score))
 */
export function createService(options: DetectorOptions): DetectorService {
  const { runtime, rest } = resolveRuntime(options)
  const own = parseOptions(detectorOptions, rest, 'detector')
  const { bus, clock } = runtime
  const lifeline = createLifeline(runtime, 'detector')
  const quiet = new Quiet()
  const doors = openDoors(runtime)
  const runners = own.strategies.map(
    (it) =>
      new StrategyRunner(it, runtime, doors, own.evaluations, (of, symbol) => quiet.reason(of.id, symbol, clock.now())),
  )
  const subscriptions: Unsubscribe[] = []
  const starting: Promise<void>[] = []
  let isOpen = false

  function begin(symbol: string): void {
    for (const runner of runners) {
      const warmed = runner.follow(symbol).then(() => {
        if (isOpen) runner.activate()
      })
      starting.push(warmed)
    }
  }

  const part: LifePart = {
    role: 'detector',
    async prepare() {
      lifeline.beat()
      lifeline.set('starting', 'service.starting', 'Taking in history.')
      subscriptions.push(
        bus.subscribe(flow.act, (envelope) => quiet.apply(envelope.payload), { from: 'earliest' }),
        bus.subscribe(flow.operatorCommand, ({ payload }) => {
          if (payload.type !== 'releaseStrategy') return
          return runners.find((it) => it.strategy.id === payload.strategyId)?.release()
        }),
        bus.subscribe(flow.instrument, ({ payload }) => begin(payload.symbol)),
      )
      await firstWords(bus)
      // An instrument may arrive while the history of others is taken in.
      for (let known = 0; known < starting.length; ) {
        known = starting.length
        await Promise.all(starting)
      }
    },
    async open() {
      isOpen = true
      for (const runner of runners) runner.activate()
      lifeline.set('ready', 'service.ready', `${runners.length} strategies.`)
    },
    async drain() {
      lifeline.set('draining', 'service.draining', 'Finishing.')
      for (const unsubscribe of subscriptions.splice(0)) unsubscribe()
      for (const runner of runners) runner.stop()
    },
    async close() {
      lifeline.set('stopped', 'service.stopped', 'Stopped.')
      lifeline.stop()
    },
  }

  return {
    name: 'detector',
    parts: [part],
    status$: lifeline.status$,
    status: lifeline.status,
    signals$: observe(bus, flow.signal),
    evaluations$: observe(bus, flow.evaluation),
    strategies$: observe(bus, flow.strategyState),
    strategies: own.strategies,
    timeframes: [...new Set(own.strategies.flatMap((it) => warmUpNeed(it).map((need) => need.timeframe)))],
  }
}
