import {
  type Candle,
  type Envelope,
  flow,
  type Publisher,
  type Reason,
  type Runtime,
  type Signal,
  type TradeOutcome,
} from '@barfinex/core'
import { type AdviceStep, advise } from './advise.js'
import type { Gates, Profile } from './gates.js'
import type { News, NewsSource, Synthesiser } from './llm/synthesis.js'
import { numberNews } from './llm/untrusted-text.js'
import { decisionInstant } from './market/decision-instant.js'
import { type MarketSnapshot, takeSnapshot } from './market/market-snapshot.js'
import type { MarketWatch } from './market/market-watch.js'
import type { ConvictionSession } from './model/conviction-session.js'
import type { CalibrationKeeper } from './outcomes/calibration-keeper.js'
import { ShadowBook } from './outcomes/shadow-book.js'
import { economicsOf } from './stages/5-calibration.js'

interface AdviceDeskParts {
  readonly runtime: Runtime
  readonly watch: MarketWatch
  readonly gates: Gates
  readonly profile: Profile
  readonly configHash: string
  readonly session: ConvictionSession
  readonly keeper: CalibrationKeeper
  readonly synthesiser: Synthesiser
  readonly news: NewsSource
}

type Done = Extract<AdviceStep, { type: 'done' }>

/** Walks cases through the heart: runs the effects it asks for, and publishes decisions in the order of their signals. */
export class AdviceDesk {
  private readonly decisions: Publisher<Done['decision']>
  private readonly intents: Publisher<NonNullable<Done['intent']>>
  private readonly shadows = new ShadowBook()
  private tail: Promise<void> | null = null

  constructor(private readonly parts: AdviceDeskParts) {
    const { bus, epoch } = parts.runtime
    this.decisions = bus.publisher(flow.decision, 'advisor', epoch)
    this.intents = bus.publisher(flow.intent, 'advisor', epoch)
  }

  get engine(): ConvictionSession['engine'] {
    return this.parts.session.engine
  }

  /** What keeps the language model from being asked at all. */
  get obstacles(): readonly Reason[] {
    return this.parts.synthesiser.obstacles
  }

  /** Decides one signal. Synchronous when no effect is needed and no earlier decision is under way. */
  decide(envelope: Envelope<Signal>): Promise<void> | void {
    const { runtime, watch, gates, profile, configHash, session, keeper, synthesiser } = this.parts
    const { clock } = runtime
    const asOf = decisionInstant(clock, watch, envelope.payload)
    const snapshot = takeSnapshot(watch, envelope.payload, asOf, this.newsOn(envelope.payload.symbol))
    const first = advise({
      signal: envelope.payload,
      snapshot,
      gates,
      profile,
      configHash,
      calibration: keeper.state,
      calibrator: keeper.calibrator,
      model: session.model,
      synthesisMode: synthesiser.mode,
      wallMicros: () => clock.wallMicros(),
    })
    if (first.type === 'done' && this.tail === null) {
      this.publish(envelope, snapshot, first)
      return
    }
    const turn = this.tail ?? Promise.resolve()
    const finished = this.walk(first, envelope.payload.symbol)
    const own: Promise<void> = clock.hold(
      Promise.all([finished, turn]).then(([last]) => {
        this.publish(envelope, snapshot, last)
        if (this.tail === own) this.tail = null
      }),
    )
    this.tail = own
    return own
  }

  /** A closed candle may end signals that are watched. */
  candle(candle: Candle): void {
    for (const outcome of this.shadows.candle(candle)) this.parts.keeper.learn(outcome)
  }

  /** A real trade ended. */
  outcome(outcome: TradeOutcome): void {
    const known = this.shadows.settle(outcome.decisionId, outcome.resultR > 0, outcome.closedAt)
    if (known !== null) this.parts.keeper.learn(known)
  }

  /** Resolves when every decision that was begun has been published. */
  async finish(): Promise<void> {
    while (this.tail !== null) await this.tail
  }

  async close(): Promise<void> {
    this.parts.keeper.publish()
    await this.parts.synthesiser.close()
    await this.parts.session.close()
  }

  /** Headlines, when somebody will read them. A source that fails costs the headlines, never the decision. */
  private newsOn(symbol: string): readonly News[] {
    const { synthesiser, news, runtime } = this.parts
    if (synthesiser.mode === 'off') return []
    const asOf = runtime.clock.now()
    try {
      return numberNews(news(symbol, asOf), asOf)
    } catch (error) {
      runtime.log.warn('the news source failed; deciding without news', { code: 'advisor.news.failed', symbol, error })
      return []
    }
  }

  private async walk(first: AdviceStep, symbol: string): Promise<Done> {
    const { session, synthesiser, runtime, watch } = this.parts
    let step = first
    while (step.type !== 'done') {
      if (step.type === 'infer') step = step.resume(await session.infer(step.request))
      else {
        const { request, resume } = step
        const synthesis = await synthesiser.synthesise(request)
        step = resume(synthesis, { now: runtime.clock.now(), quote: watch.symbol(symbol)?.quote ?? null })
      }
    }
    return step
  }

  private publish(envelope: Envelope<Signal>, snapshot: MarketSnapshot, { decision, intent, logit }: Done): void {
    const occurredAt = this.parts.runtime.clock.now()
    const decided = this.decisions.publish(decision, { occurredAt, cause: envelope })
    if (intent !== null) this.intents.publish(intent, { occurredAt, cause: decided })
    this.remember(envelope.payload, snapshot, decision.decisionId, logit, intent !== null, decision.conviction !== null)
  }

  private remember(
    signal: Signal,
    { quote, instrument, regime }: MarketSnapshot,
    decisionId: string,
    logit: number | null,
    hasIntent: boolean,
    wasJudged: boolean,
  ): void {
    if (!wasJudged || quote === null || instrument === null || regime === null) return
    this.shadows.watch({
      decisionId,
      strategyId: signal.strategyId,
      symbol: signal.symbol,
      timeframe: signal.timeframe,
      direction: signal.direction,
      regime: regime.regime,
      logit,
      entryPrice: signal.direction === 'long' ? quote.ask : quote.bid,
      stopPrice: signal.stopPrice,
      targetPrice: signal.targetPrice,
      costR: economicsOf(signal, quote, instrument, this.parts.gates).costR,
      hasIntent,
    })
  }
}
