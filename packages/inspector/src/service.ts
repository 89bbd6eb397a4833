import {
  type Act,
  type Bus,
  type Channel,
  createLifeline,
  type Envelope,
  firstWords,
  flow,
  type Handler,
  type Incident,
  type LifePart,
  observe,
  type Protection,
  parseOptions,
  pastOf,
  type RiskState,
  type RuntimeOptions,
  resolveRuntime,
  type Service,
  type SubscribeOptions,
  type TradeOutcome,
  type TradingState,
  type Unsubscribe,
  type Verdict,
} from '@barfinex/core'
import type { Observable } from 'rxjs'
import { createContext } from './context.js'
import { createFence } from './fence.js'
import { createGate } from './gate.js'
import { createGovernor } from './governor.js'
import { createOperatorDesk } from './operator-desk.js'
import { type InspectorConfig, inspectorOptions } from './options.js'
import type { NakedTimes } from './protect/naked-times.js'
import { createProtector } from './protect/protector.js'
import { recall } from './recall.js'
import { createReconciler } from './reconciler.js'
import type { MarketView } from './situation.js'
import { createUnpricedWatch } from './unpriced-watch.js'

export type InspectorOptions = RuntimeOptions & InspectorConfig

/** What a run can be held to. */
export interface InspectorAudit {
  /** Intents by verdict. */
  readonly approved: number
  readonly denied: number
  /** Sum over all positions of the milliseconds without full cover beyond `protection.nakedBoundMs`. */
  readonly nakedBeyondBoundMs: number
  readonly longestNakedMs: number
  /** The stretches without full cover, from fill to acknowledged stop, as a distribution. */
  readonly nakedTimes: NakedTimes
  /** Entries whose trade has not ended. */
  readonly openLots: number
}

/** The last gate before an order, and the guardian of positions after it. */
export interface InspectorService extends Service {
  readonly name: 'inspector'
  readonly verdicts$: Observable<Verdict>
  readonly acts$: Observable<Act>
  /** The present state first, once it is known. */
  readonly tradingState$: Observable<TradingState>
  readonly protection$: Observable<Protection>
  readonly risk$: Observable<RiskState>
  readonly outcomes$: Observable<TradeOutcome>
  /** Those of this service and of the order side: everything a person should look at. */
  readonly incidents$: Observable<Incident>
  audit(): InspectorAudit
}

const group = 'inspector'

/**
 * Makes an Inspector: it sizes and judges every intent, seals what it approves, protects what gets filled, and halts what has
 * to be halted. One per desk, and without at least one policy it does not compile.
 *
 * Throws `options.invalid` for options it cannot read and `approval.sealer-claimed` when the desk has an Inspector already.
 *
 * @example
 * const desk = defineDesk((runtime) => ({
 *   inspector: createService({ ...runtime, policies: [maxPositionNotional('1000'), dailyLoss('2%')] }),
 * }))
 */
export function createService(options: InspectorOptions): InspectorService {
  const { runtime, rest } = resolveRuntime(options)
  const settings = parseOptions(inspectorOptions, rest, 'inspector')
  const context = createContext(runtime, settings)
  const { memory, markets } = context
  const { bus, clock, journal } = runtime
  const lifeline = createLifeline(runtime, 'inspector')
  const gate = createGate(context)
  const protector = createProtector(context, () => governor.publishRisk(undefined))
  const governor = createGovernor(context, {
    standDown: (cause) => operators.cancelEntries(null, cause),
    closeAll: () => protector.settleAll(),
  })
  const operators = createOperatorDesk(context, governor, () => protector.settleAll())
  const reconciler = createReconciler(
    context,
    (message, observed, limit) =>
      governor.standDown({ code: 'inspector.position.mismatch', message, limit, observed }, undefined),
    (lot) => protector.touch(lot),
  )
  const fence = createFence(runtime, () => context.accountId, {
    onFallen(reason) {
      context.retire()
      context.outbox.incident('critical', reason, null, undefined, String(runtime.epoch))
      stopActing()
      // Only to listeners here: on the bus the name belongs to the other one now.
      lifeline.retire(reason.code, reason.message)
    },
    onFalse: (reason) => context.outbox.incident('critical', reason, null, undefined, String(runtime.epoch)),
  })
  const unpriced = createUnpricedWatch(context)
  const subscriptions: Unsubscribe[] = []
  let stopIntents: Unsubscribe = () => {}
  let providerEpoch = 0
  /** What arrives while the journal is being read waits for its end. */
  let backlog: (() => void)[] | null = []

  function listen<Payload>(channel: Channel<Payload>, handler: Handler<Payload>, how?: SubscribeOptions): void {
    const learn = (envelope: Envelope<Payload>): void => {
      if (!context.isRetired) void handler(envelope)
    }
    const handle = (envelope: Envelope<Payload>): void => {
      if (backlog === null) learn(envelope)
      else backlog.push(() => learn(envelope))
    }
    subscriptions.push(bus.subscribe(channel, handle, how))
  }

  function subscribe(): void {
    const durable: SubscribeOptions = { group, from: 'earliest' }
    // Rules first: everything else is read in their light.
    subscriptions.push(bus.subscribe(flow.instrument, ({ payload }) => markets.learnInstrument(payload)))
    listen(flow.instrument, ({ payload }) => {
      for (const lot of memory.lots.values()) if (lot.intent.symbol === payload.symbol) protector.touch(lot)
    })
    listen(flow.feed, ({ payload }) => markets.learnFeed(payload))
    // Prices come too often to be named as causes, and are worth having before the journal is read.
    subscriptions.push(bus.watch(flow.quote, (quote) => learnPrice(quote.symbol, markets.learnQuote(quote))))
    subscriptions.push(bus.watch(flow.candle, (candle) => learnPrice(candle.symbol, markets.learnCandle(candle))))
    listen(flow.orderEvent, (envelope) => learnOrderEvent(envelope), durable)
    listen(flow.fill, (envelope) => learnFill(envelope), durable)
    listen(flow.account, (envelope) => learnAccount(envelope))
    listen(flow.operatorCommand, (envelope) => operators.obey(envelope), durable)
    listen(flow.incident, (envelope) => fence.learnIncident(envelope))
  }

  /** What it does by itself ends; the stops at the exchange stay. */
  function stopActing(): void {
    stopIntents()
    for (const unsubscribe of subscriptions.splice(0)) unsubscribe()
    fence.stop()
    unpriced.stop()
    protector.stop()
    governor.stop()
    reconciler.stop()
  }

  function learnPrice(symbol: string, market: MarketView): void {
    if (backlog !== null) return
    protector.learnPrice(symbol, market)
    if (memory.risk.learnPrice(symbol, market, clock.now())) governor.watch(undefined)
  }

  function learnOrderEvent({ payload, occurredAt }: Envelope<Parameters<typeof memory.learnOrderEvent>[0]>): void {
    if (!context.guards(payload.account)) return
    fence.learnOrderEvent(payload)
    if (context.isRetired) return
    const change = memory.learnOrderEvent(payload, occurredAt)
    if (change !== null) protector.learnOrderEvent(change.before, change.after)
  }

  function learnFill({ payload }: Envelope<Parameters<typeof memory.learnFill>[0]>): void {
    if (!context.guards(payload.account)) return
    const lots = memory.learnFill(payload)
    if (lots === null) return
    protector.cover.update(payload.symbol, payload.occurredAt)
    for (const lot of lots) protector.touch(lot)
  }

  function learnAccount(envelope: Envelope<Parameters<typeof context.learnAccount>[0]>): void {
    // The word of a Provider that has been replaced: it may have been paused, and believes what is long over.
    if (envelope.epoch < providerEpoch) return
    providerEpoch = envelope.epoch
    if (!context.learnAccount(envelope.payload)) return
    unpriced.learnAccount(envelope.payload)
    memory.risk.learnAccount(envelope.payload, markets.marketOf, clock.now())
    reconciler.check()
    protector.learnAccount(envelope.payload)
    governor.publishRisk(envelope)
    governor.watch(envelope)
    if (lifeline.status().state === 'ready' || lifeline.status().state === 'degraded') sayHow()
  }

  function sayHow(): void {
    const isKnown = context.account?.known === true
    const state = isKnown ? 'ready' : 'degraded'
    if (lifeline.status().state === state) return
    if (isKnown) lifeline.set('ready', 'service.ready', 'Judging intents and guarding positions.')
    else
      lifeline.set(
        'degraded',
        'inspector.account-unknown',
        'The account is not known: entries are denied, exits go on.',
      )
  }

  function learnBacklog(): void {
    for (const handle of backlog ?? []) handle()
    backlog = null
  }

  const part: LifePart = {
    role: 'inspector',
    async prepare() {
      lifeline.set('starting', 'service.starting', 'Reading what was decided before.')
      lifeline.beat()
      subscribe()
      await firstWords(bus)
      for await (const envelope of pastOf(journal)) recall(context, protector.cover, envelope)
      memory.settleRecall(context.protection.maxHoldingMs, clock.now())
    },
    async open() {
      // What happened meanwhile is learned, and missing protection placed, before any intent is looked at.
      learnBacklog()
      if (context.isRetired) return
      protector.settleAll()
      protector.cover.resume()
      governor.start()
      stopIntents = bus.subscribe(flow.intent, judge, { group, from: 'earliest' })
      sayHow()
    },
    async drain() {
      stopIntents()
      if (context.isRetired) return
      lifeline.set('draining', 'service.draining', 'No more intents; entries are taken back, protection stays.')
      operators.cancelEntries(null, undefined)
    },
    async close() {
      stopActing()
      if (!context.isRetired) lifeline.set('stopped', 'service.stopped', 'Stopped.')
      lifeline.stop()
    },
  }

  function judge(envelope: Parameters<typeof gate.judge>[0]): void {
    if (!gate.judge(envelope) || context.isRetired) return
    const lot = memory.lotOf(envelope.payload.intentId)
    if (lot !== null) protector.touch(lot)
    governor.publishRisk(envelope)
    governor.watch(envelope)
  }

  return {
    name: 'inspector',
    parts: [part],
    status$: lifeline.status$,
    status: lifeline.status,
    ...facts(bus),
    audit: () => ({ ...gate.counts, ...protector.cover.totals(), openLots: memory.lots.size }),
  }
}

function facts(bus: Bus) {
  return {
    verdicts$: observe(bus, flow.verdict),
    acts$: observe(bus, flow.act),
    tradingState$: observe(bus, flow.tradingState),
    protection$: observe(bus, flow.protection),
    risk$: observe(bus, flow.riskState),
    outcomes$: observe(bus, flow.outcome),
    incidents$: observe(bus, flow.incident),
  }
}
