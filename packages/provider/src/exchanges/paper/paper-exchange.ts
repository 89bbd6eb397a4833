import { type Clock, type Instrument, type Order, schemas } from '@barfinex/core'
import type { Exchange, ExchangeCapabilities, ExchangeReport, MarketSink, ReportSink } from '../exchange.js'
import { createMatchingEngine, type MatchingEngine } from '../matching/matching-engine.js'
import type { MatchingEvent } from '../matching/matching-event.js'
import type { MarketFeed, Venue } from './market-feed.js'
import type { ResolvedPaperOptions } from './paper-options.js'

/** The paper exchange, with what only a simulation can tell. */
export interface PaperExchange extends Exchange {
  /** Bars of a tape in which a stop and a target were both in reach, so that the stop was taken to come first. */
  readonly ambiguousBarCount: number
}

type FillReport = Extract<ExchangeReport, { type: 'fill' }>

const account = 'paper'
/** Fills remembered for `fills`; twice as many before the older half is dropped. */
const rememberedFills = 50_000

/** The matching engine, a market, and the time it takes to reach both. */
export function createPaperExchange(feeds: readonly MarketFeed[], options: ResolvedPaperOptions): PaperExchange {
  const feedOf = new Map(feeds.flatMap((feed) => feed.instruments.map((it) => [it.symbol, feed] as const)))
  const offered = new Map(feeds.flatMap((feed) => feed.instruments.map((it) => [it.symbol, it] as const)))
  const quoteAsset = [...offered.values()][0]?.settle ?? 'USDT'
  const inFlight = new Map<string, number>()
  /** Symbols that have had an order or a holding: the others need no look at the engine, bar after bar. */
  const touched = new Set<string>()
  let playing: readonly MarketFeed[] = []
  let fills: FillReport[] = []
  let engine: MatchingEngine | null = null
  let clock: Clock | null = null
  let sink: MarketSink | null = null
  let reports: ReportSink = () => {}
  let isPlaying = false
  let isClosed = false

  function begun(): { readonly engine: MatchingEngine; readonly clock: Clock } {
    if (engine === null || clock === null) throw new Error('The paper exchange is used before connect().')
    return { engine, clock }
  }

  /** Runs something at the exchange, or back here, one latency from now. */
  function later(task: () => void): void {
    const { clock } = begun()
    clock.schedule(clock.now() + options.latencyMs, () => {
      if (!isClosed) task()
    })
  }

  function tell(events: readonly MatchingEvent[]): void {
    if (events.length === 0) return
    for (const event of events) if (event.type === 'fill') fills.push(event)
    if (fills.length > 2 * rememberedFills) fills = fills.slice(-rememberedFills)
    later(() => {
      for (const event of events) reports(event)
    })
  }

  function isOrdered(symbol: string): boolean {
    return touched.has(symbol) && ((inFlight.get(symbol) ?? 0) > 0 || begun().engine.isWorking(symbol))
  }

  function isAtStake(symbol: string): boolean {
    return touched.has(symbol) && (isOrdered(symbol) || begun().engine.isHolding(account, symbol))
  }

  function connect(with_: Clock, symbols: readonly string[]): readonly Instrument[] {
    const instruments = symbols.flatMap((symbol) => offered.get(symbol) ?? [])
    clock = with_
    engine = createMatchingEngine({
      instruments,
      leverage: options.leverage,
      feeAsset: options.feeAsset,
      // Ids of two runs on one journal must differ, and those of a repeated run must not.
      idPrefix: `${with_.now().toString(36)}-`,
    })
    const balances = Object.entries(options.balances ?? { [quoteAsset]: '10000' })
    for (const [asset, amount] of balances) engine.deposit(account, asset, amount)
    for (const { symbol } of instruments) if (engine.isHolding(account, symbol)) touched.add(symbol)
    const wanted = new Set(symbols)
    playing = feeds.filter((feed) => feed.instruments.some((it) => wanted.has(it.symbol)))
    for (const feed of playing) feed.connect(with_, symbols)
    return instruments
  }

  function play(): void {
    if (isPlaying) return
    isPlaying = true
    const { engine, clock } = begun()
    const venue: Venue = { clock, engine, sink: () => sink, tell, isOrdered, isAtStake }
    for (const feed of playing) feed.play(venue)
  }

  return {
    id: 'paper',
    mode: 'paper',
    account,
    quoteAsset,
    capabilities: capabilitiesOf(feeds),
    startsAt: extreme(feeds, 'startsAt', Math.min),
    endsAt: extreme(feeds, 'endsAt', Math.max),
    async connect(connectOptions) {
      return connect(connectOptions.clock, connectOptions.symbols)
    },
    follow(into) {
      sink = into
      play()
    },
    unfollow() {
      sink = null
    },
    report(into) {
      reports = into
    },
    async history(symbol, timeframe, until, limit) {
      return feedOf.get(symbol)?.history(symbol, timeframe, until, limit) ?? []
    },
    submit(given: Order) {
      // It arrives later: as it was sent, whatever the caller does with its record meanwhile.
      const order = Object.freeze({ ...given })
      const { symbol } = order
      inFlight.set(symbol, (inFlight.get(symbol) ?? 0) + 1)
      touched.add(symbol)
      const feed = feedOf.get(symbol)
      feed?.arm(symbol)
      later(() => {
        const { engine, clock } = begun()
        feed?.show(symbol)
        tell(engine.submit(account, order, clock.now()))
        inFlight.set(symbol, (inFlight.get(symbol) ?? 1) - 1)
      })
    },
    cancel(clientOrderId, symbol) {
      later(() => {
        const { engine, clock } = begun()
        tell(engine.cancel(account, clientOrderId, symbol, clock.now()))
      })
    },
    async order(clientOrderId, symbol) {
      const record = begun().engine.record(account, clientOrderId)
      return record?.symbol === symbol ? record : null
    },
    async fills(symbol, since) {
      return fills.filter((fill) => fill.symbol === symbol && fill.occurredAt >= since)
    },
    async snapshot() {
      const { engine, clock } = begun()
      return engine.snapshot(account, clock.now())
    },
    async close() {
      isClosed = true
      sink = null
      for (const feed of playing) feed.stop()
    },
    get ambiguousBarCount() {
      return engine?.ambiguousBarCount ?? 0
    },
  }
}

function capabilitiesOf(feeds: readonly MarketFeed[]): ExchangeCapabilities {
  const timeframes = feeds.map((feed) => new Set(feed.candleTimeframes))
  const [first = new Set(), ...others] = timeframes
  return {
    orderTypes: schemas.orderType.options,
    timesInForce: schemas.timeInForce.options,
    reduceOnly: true,
    postOnly: true,
    oco: true,
    // Only what every market has: for the rest Provider builds what it needs.
    candleTimeframes: [...first].filter((timeframe) => others.every((it) => it.has(timeframe))),
    trades: feeds.every((feed) => feed.trades),
    book: feeds.every((feed) => feed.book),
    virtualClock: feeds.some((feed) => feed.endsAt !== null) ? true : null,
  }
}

function extreme(
  feeds: readonly MarketFeed[],
  bound: 'startsAt' | 'endsAt',
  of: (...values: number[]) => number,
): number | null {
  const bounds = feeds.map((feed) => feed[bound])
  return bounds.includes(null) ? null : of(...(bounds as number[]))
}
