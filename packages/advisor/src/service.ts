import {
  type Calibration,
  type Candle,
  type CandleFollower,
  createLifeline,
  type Decision,
  type Envelope,
  type ExecutionIntent,
  firstWords,
  flow,
  followCandles,
  hashOf,
  type LifePart,
  observe,
  parseOptions,
  type RuntimeOptions,
  resolveRuntime,
  type Service,
  type Signal,
  schemas,
  type Timeframe,
  timeframeMs,
  type Unsubscribe,
} from '@barfinex/core'
import type { Observable } from 'rxjs'
import { z } from 'zod'
import { AdviceDesk } from './advice-desk.js'
import { gatesSchema, profiles } from './gates.js'
import { createSynthesiser } from './llm/create-synthesiser.js'
import { llmOptions, llmView } from './llm/llm-options.js'
import type { NewsSource } from './llm/synthesis.js'
import { keptBars, MarketWatch } from './market/market-watch.js'
import { openConvictionSession } from './model/conviction-session.js'
import { defaultModel } from './model/default-model.js'
import { CalibrationKeeper } from './outcomes/calibration-keeper.js'

/** An advisor's own options; a desk adds the runtime. */
export const advisorOptions = z.strictObject({
  /** Timeframes on which signals are expected: their candles and those of two longer timeframes are taken in beforehand. */
  timeframes: z.array(schemas.timeframe).min(1).default(['1m', '5m', '15m']),
  /** A named set of limits; `gates` moves single ones. */
  profile: z.enum(['exploratory', 'strict']).default('exploratory'),
  gates: gatesSchema.partial().default({}),
  model: z
    .strictObject({
      /** An .onnx file's bytes; the model that ships with the package when absent, none at all when `null`. */
      bytes: z
        .custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be the bytes of an .onnx file')
        .nullable()
        .optional(),
      /** SHA-256 the file must have. */
      expectedModelId: schemas.sha256Hex.optional(),
      /** `typescript` never loads native code; `onnxruntime` falls back to it and says so. */
      engine: z.enum(['onnxruntime', 'typescript']).default('onnxruntime'),
    })
    .prefault({}),
  /** Whether a language model takes part, which, and at what cost. */
  llm: llmOptions.prefault({}),
  /** Headlines for the language model. Foreign text: it is cleaned, and can only ever speak against a trade. */
  news: z.custom<NewsSource>((it) => typeof it === 'function', 'Must be a function.').optional(),
})

export type AdvisorOptions = RuntimeOptions & z.input<typeof advisorOptions>

/** Advisor: signal in, a decision of eight recorded stages out, and maybe an intent. */
export interface AdvisorService extends Service {
  readonly name: 'advisor'
  readonly decisions$: Observable<Decision>
  readonly intents$: Observable<ExecutionIntent>
  readonly calibration$: Observable<Calibration>
}

/** Longer timeframes that a signal's timeframe is seen against. */
const ladder: readonly Timeframe[] = ['1m', '5m', '15m', '1h', '4h', '1d']
const higherBars = 60

/**
 * Makes an advisor.
 *
 * Signals of different symbols are decided concurrently, those of one symbol one after the other; decisions are published in
 * the order in which they were begun, so who answers first changes nothing. A virtual clock stands still meanwhile.
 *
 * @example
 * const service = createService({ bus, profile: 'strict' })
 * service.decisions$.subscribe((decision) => console.log(decision.outcome, decision.rejectedBy, decision.reasons))
 */
export function createService(options: AdvisorOptions): AdvisorService {
  const { runtime, rest } = resolveRuntime(options)
  const own = parseOptions(advisorOptions, rest, 'advisor')
  const { bus, clock, log } = runtime
  const lifeline = createLifeline(runtime, 'advisor')
  const gates = gatesSchema.parse({ ...profiles[own.profile], ...own.gates })
  const watch = new MarketWatch()
  const followers = new Map<string, CandleFollower>()
  const subscriptions: Unsubscribe[] = []
  const warming: Promise<unknown>[] = []
  let desk: AdviceDesk | null = null

  function follow(symbol: string, timeframe: Timeframe, need: number): void {
    const key = `${symbol}@${timeframe}`
    if (followers.has(key)) return
    const follower = followCandles({
      bus,
      clock,
      symbol,
      timeframe,
      need,
      onCandle: (candle, envelope) => take(candle, envelope),
      onRevision: (candle) => watch.candle(candle),
      onReason: (reason) => log.info(reason.message, { code: reason.code }),
    })
    followers.set(key, follower)
    warming.push(follower.ready)
  }

  function take(candle: Candle, envelope: Envelope<Candle> | null): void {
    watch.candle(candle)
    if (envelope !== null) desk?.candle(candle)
  }

  function begin(symbol: string): void {
    for (const timeframe of own.timeframes) follow(symbol, timeframe, keptBars)
    for (const timeframe of own.timeframes.flatMap(longerThan)) follow(symbol, timeframe, higherBars)
  }

  function decide(envelope: Envelope<Signal>): Promise<void> | void {
    const { symbol, timeframe } = envelope.payload
    if (!followers.has(`${symbol}@${timeframe}`)) follow(symbol, timeframe, keptBars)
    return desk?.decide(envelope)
  }

  const part: LifePart = {
    role: 'advisor',
    async prepare() {
      lifeline.beat()
      lifeline.set('starting', 'service.starting', 'Opening the model and taking in history.')
      const modelBytes = own.model.bytes === undefined ? defaultModel() : own.model.bytes
      const session = await openConvictionSession({
        modelBytes,
        engine: own.model.engine,
        ...(own.model.expectedModelId === undefined ? {} : { expectedModelId: own.model.expectedModelId }),
      })
      for (const reason of session.reasons) log.warn(reason.message, { code: reason.code })
      const keeper = new CalibrationKeeper(runtime, session.model)
      await keeper.restore(runtime.journal)
      const synthesiser = await createSynthesiser(own.llm, runtime)
      const configHash = hashOf({ profile: own.profile, gates, engine: own.model.engine, llm: llmView(own.llm) })
      const { profile, news = () => [] } = own
      desk = new AdviceDesk({ runtime, watch, gates, profile, configHash, session, keeper, synthesiser, news })
      for (const reason of synthesiser.obstacles) log.warn(reason.message, { code: reason.code })
      subscriptions.push(
        bus.subscribe(flow.quote, (envelope) => watch.quote(envelope.payload)),
        bus.subscribe(flow.feed, (envelope) => watch.feed(envelope.payload)),
        bus.subscribe(flow.account, (envelope) => watch.positions(envelope.payload.positions)),
        bus.subscribe(flow.outcome, (envelope) => desk?.outcome(envelope.payload), { group: 'advisor' }),
        bus.subscribe(flow.instrument, (envelope) => {
          watch.instrument(envelope.payload)
          begin(envelope.payload.symbol)
        }),
      )
      await firstWords(bus)
      for (let known = 0; known < warming.length; ) {
        known = warming.length
        await Promise.all(warming)
      }
      // Last: a signal that waited is decided with the market in view.
      subscriptions.push(bus.subscribe(flow.signal, decide, { group: 'advisor' }))
    },
    async open() {
      const engine = desk?.engine ?? 'prior'
      const message = `${own.profile} limits, conviction by ${engine}, synthesis ${own.llm.mode}.`
      const obstacle = desk?.obstacles[0]
      if (engine !== 'onnxruntime') lifeline.set('degraded', 'advisor.model.fallback', message)
      else if (obstacle !== undefined) lifeline.set('degraded', obstacle.code, `${message} ${obstacle.message}`)
      else lifeline.set('ready', 'service.ready', message)
    },
    async drain() {
      lifeline.set('draining', 'service.draining', 'Finishing the decisions that were begun.')
      await desk?.finish()
      for (const unsubscribe of subscriptions.splice(0)) unsubscribe()
      for (const follower of followers.values()) follower.stop()
    },
    async close() {
      await desk?.close()
      lifeline.set('stopped', 'service.stopped', 'Stopped.')
      lifeline.stop()
    },
  }

  return {
    name: 'advisor',
    parts: [part],
    status$: lifeline.status$,
    status: lifeline.status,
    decisions$: observe(bus, flow.decision),
    intents$: observe(bus, flow.intent),
    calibration$: observe(bus, flow.calibration),
  }
}

function longerThan(timeframe: Timeframe): readonly Timeframe[] {
  return ladder.filter((it) => timeframeMs(it) >= 3 * timeframeMs(timeframe)).slice(0, 2)
}
