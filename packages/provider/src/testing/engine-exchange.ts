import { BarfinexError, type Candle, type Clock, type Instrument, type Order } from '@barfinex/core'
import { anInstrument } from '@barfinex/core/testing'
import type {
  Exchange,
  ExchangeFactory,
  ExchangeReport,
  GapSink,
  MarketSink,
  ReportSink,
} from '../exchanges/exchange.js'
import { createMatchingEngine, type MatchingEngine } from '../exchanges/matching/matching-engine.js'
import type { MatchingEvent } from '../exchanges/matching/matching-event.js'
import { engineCapabilities, lostReply } from './engine-behind-port.js'

/** What happens to the next requests and reports. Change it while the test runs. */
export interface ExchangeFaults {
  /** `lost-reply`: taken, but the caller hears nothing. `lost-request`: never arrives. `uncertain` says whether the loss is noticed. */
  submit: 'none' | 'lost-reply' | 'lost-request'
  cancel: 'none' | 'lost-reply' | 'lost-request'
  /** True when a lost reply is reported as uncertain; else there is only silence. */
  noticesLoss: boolean
  /** Reports vanish, as if the user stream were down. */
  dropsReports: boolean
  /** Records, fills and the account cannot be read. */
  isUnreachable: boolean
  /** Orders are not found in the records for so long after they were taken, in milliseconds. */
  indexingMs: number
  /** Hands reports over in its own way: twice, later, in another order. */
  deliver: (report: ExchangeReport, hand: (report: ExchangeReport) => void) => void
}

export interface EngineExchangeOptions {
  readonly clock: Clock
  readonly instruments?: readonly Instrument[]
  readonly deposits?: Readonly<Record<string, string>>
  readonly mode?: 'paper' | 'live'
  readonly history?: readonly Candle[]
  readonly feeAsset?: 'quote' | 'received'
  readonly given?: Exchange['capabilities']['candleTimeframes']
  /** Whether it says that it ends the others of a group when one fills; true when absent. */
  readonly oco?: boolean
}

/** An exchange for tests: the matching engine behind the port, with a market played by the test and faults on demand. */
export interface EngineExchange {
  readonly exchange: Exchange
  readonly factory: ExchangeFactory
  readonly engine: MatchingEngine
  readonly faults: ExchangeFaults
  /** Ids of all orders that arrived, in order. */
  readonly arrived: readonly string[]
  /** The market's ear, once Provider follows. */
  readonly sink: () => MarketSink
  /** Others quote; the engine and Provider both see it. */
  quote(bid: number, ask: number, symbol?: string): void
  /** Others trade at this price: it wakes stops. */
  print(price: number, symbol?: string): void
  /** Says to Provider what the exchange would say by itself. */
  tell(report: ExchangeReport): void
  /** The stream of reports breaks or comes back: Provider is told to look. */
  breakReports(): void
  /** What the engine says without a request of ours, such as an order placed by another hand, goes to nobody. */
  byAnotherHand(order: Order): void
  /** Loses an order and all records of it, as in a fail-over. */
  forget(clientOrderId: string, symbol?: string): void
}

/** Makes one. */
export function engineExchange(options: EngineExchangeOptions): EngineExchange {
  const { clock } = options
  const account = 'test'
  const instruments = options.instruments ?? [anInstrument()]
  const engine = createMatchingEngine({ instruments, feeAsset: options.feeAsset ?? 'quote' })
  for (const [asset, amount] of Object.entries(options.deposits ?? { USDT: '100000' })) {
    engine.deposit(account, asset, amount)
  }
  const faults: ExchangeFaults = {
    submit: 'none',
    cancel: 'none',
    noticesLoss: true,
    dropsReports: false,
    isUnreachable: false,
    indexingMs: 0,
    deliver: (report, hand) => hand(report),
  }
  const fills: Extract<ExchangeReport, { type: 'fill' }>[] = []
  const takenAt = new Map<string, number>()
  const arrived: string[] = []
  const forgotten = new Set<string>()
  let reports: ReportSink = () => {}
  let onGap: GapSink = () => {}
  let market: MarketSink | null = null

  function tell(events: readonly MatchingEvent[], isHeard = true): void {
    for (const { account: _, ...report } of events) {
      if (report.type === 'fill') fills.push(report)
      if (isHeard && !faults.dropsReports) faults.deliver(report, reports)
    }
  }

  function lose(action: 'submit' | 'cancel', clientOrderId: string, symbol: string): void {
    if (!faults.noticesLoss) return
    reports(lostReply(action, clientOrderId, symbol, clock.now()))
  }

  function reach(): void {
    if (faults.isUnreachable)
      throw new BarfinexError('exchange.unavailable', 'The test has cut the line.', { retryable: true })
  }

  const exchange: Exchange = {
    id: 'engine',
    mode: options.mode ?? 'paper',
    account,
    quoteAsset: 'USDT',
    capabilities: engineCapabilities({
      oco: options.oco ?? true,
      candleTimeframes: options.given ?? [],
      trades: options.given === undefined,
    }),
    startsAt: null,
    endsAt: null,
    connect: async ({ symbols }) => instruments.filter((it) => symbols.includes(it.symbol)),
    follow(sink) {
      market = sink
    },
    unfollow() {
      market = null
    },
    report(sink, onBreak) {
      reports = sink
      onGap = onBreak
    },
    async history(symbol, timeframe, until, limit) {
      const known = (options.history ?? []).filter((it) => it.symbol === symbol && it.timeframe === timeframe)
      return known.filter((it) => it.closeTime <= until).slice(-limit)
    },
    submit(order) {
      const { clientOrderId, symbol } = order
      if (faults.submit !== 'lost-request') {
        arrived.push(clientOrderId)
        takenAt.set(clientOrderId, clock.now())
        tell(engine.submit(account, order, clock.now()), faults.submit === 'none')
      }
      if (faults.submit !== 'none') lose('submit', clientOrderId, symbol)
    },
    cancel(clientOrderId, symbol) {
      if (faults.cancel !== 'lost-request') {
        tell(engine.cancel(account, clientOrderId, symbol, clock.now()), faults.cancel === 'none')
      }
      if (faults.cancel !== 'none') lose('cancel', clientOrderId, symbol)
    },
    async order(clientOrderId) {
      reach()
      if (forgotten.has(clientOrderId)) return null
      const at = takenAt.get(clientOrderId) ?? Number.NEGATIVE_INFINITY
      return clock.now() - at < faults.indexingMs ? null : engine.record(account, clientOrderId)
    },
    async fills(symbol, since) {
      reach()
      return fills.filter((it) => it.symbol === symbol && it.occurredAt >= since)
    },
    async snapshot() {
      reach()
      return engine.snapshot(account, clock.now())
    },
    async close() {},
  }

  return {
    exchange,
    factory: {
      id: 'engine',
      mode: exchange.mode,
      symbols: instruments.map((it) => it.symbol),
      create: async () => exchange,
    },
    engine,
    faults,
    arrived,
    sink() {
      if (market === null) throw new Error('Provider does not follow yet.')
      return market
    },
    quote(bid, ask, symbol = 'BTC/USDT') {
      const now = clock.now()
      market?.quote({ symbol, bid, ask, bidQuantity: 100, askQuantity: 100, occurredAt: now })
      tell(engine.quote(symbol, bid, ask, 100, 100, now))
    },
    print(price, symbol = 'BTC/USDT') {
      tell(engine.print(symbol, price, 1, 'sell', clock.now()))
    },
    tell(report) {
      reports(report)
    },
    breakReports() {
      onGap({ code: 'exchange.reports.interrupted', message: 'The stream of reports was cut.' })
    },
    byAnotherHand(order) {
      tell(engine.submit(account, order, clock.now()), false)
    },
    forget(clientOrderId, symbol = 'BTC/USDT') {
      forgotten.add(clientOrderId)
      tell(engine.cancel(account, clientOrderId, symbol, clock.now()), false)
    },
  }
}
