import {
  BarfinexError,
  brokenRules,
  type Candle,
  type Clock,
  Decimal,
  type Instrument,
  type InstrumentRules,
  instrumentRules,
  type Order,
  type Quote,
} from '@barfinex/core'
import { anInstrument } from '@barfinex/core/testing'
import type {
  AccountSnapshot,
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
import { noFaults, type VenueFaults } from './venue-faults.js'
import { VenueTruth } from './venue-truth.js'

export interface FaultVenueOptions {
  readonly clock: Clock
  readonly instruments?: readonly Instrument[]
  readonly deposits?: Readonly<Record<string, string>>
  readonly mode?: 'paper' | 'live'
  readonly feeAsset?: 'quote' | 'received'
  /** Closed candles of one minute that were there before, and those that come while the test runs. */
  readonly candles: (symbol: string, until: number, limit: number) => readonly Candle[]
}

/**
 * A venue for tests behind the exchange port: the matching engine at the far end of a line that loses, delays, doubles and
 * reorders as {@link FaultVenue.faults} say, and the truth of what happened there. It outlives the desks that connect to it.
 *
 * Everything runs on the clock given, so the same faults give the same run.
 */
export interface FaultVenue {
  readonly engine: MatchingEngine
  readonly faults: VenueFaults
  readonly truth: VenueTruth
  readonly account: string
  /** Every request and question so far, by kind. */
  readonly asked: readonly VenueCall[]
  /** Ids of orders that broke changed rules. */
  readonly refused: readonly string[]
  /** The venue's own clock, milliseconds UTC. */
  now(): number
  /** One connection; `clock` is that of the process that connects, whose end ends the connection. */
  connection(clock?: Clock): Connection
  /** Others quote; the engine and whoever follows see it. */
  quote(symbol: string, bid: number, ask: number, bidQuantity: number, askQuantity: number): void
  /** A minute has closed. */
  candle(candle: Candle): void
  /** The venue changes the rules of an instrument, and says so after a while. Its own grid only ever gets coarser. */
  rule(instrument: Instrument, tellsAfterMs: number): void
  /** Raw market events for whoever follows, past the engine: sound or not. */
  disturb(act: (sink: MarketSink) => void): void
  /** The user stream breaks or comes back: whoever is connected is told to look. */
  breakReports(): void
  /** An order placed or canceled by another hand. */
  byAnotherHand(act: (engine: MatchingEngine, account: string, now: number) => readonly MatchingEvent[]): void
}

export interface VenueCall {
  readonly at: number
  readonly kind: 'submit' | 'cancel' | 'order' | 'fills' | 'snapshot'
}

export interface Connection {
  readonly exchange: Exchange
  readonly factory: ExchangeFactory
  /** The process at this end dies: nothing it does arrives any more, and it hears nothing. */
  cut(): void
}

/** Makes one. */
export function faultVenue(options: FaultVenueOptions): FaultVenue {
  const { clock } = options
  const account = 'test'
  const instruments = options.instruments ?? [anInstrument()]
  const engine = createMatchingEngine({ instruments, feeAsset: options.feeAsset ?? 'quote' })
  for (const [asset, amount] of Object.entries(options.deposits ?? { USDT: '100000' })) {
    engine.deposit(account, asset, amount)
  }
  const faults = noFaults()
  const truth = new VenueTruth(instruments)
  const prices = new Map<string, number>()
  const past: { at: number; snapshot: AccountSnapshot }[] = []
  const lines = new Set<Line>()
  const asked: VenueCall[] = []
  const refused: string[] = []
  const ruled = new Map<string, InstrumentRules>()
  let latest = 0

  function now(): number {
    latest = Math.max(latest, clock.now() + faults.skewMs)
    return latest
  }

  /** What the venue does becomes true at once and is said on the user stream. */
  function settle(events: readonly MatchingEvent[]): readonly ExchangeReport[] {
    const reports = events.map(({ account: _, ...report }) => report as ExchangeReport)
    truth.fold(reports, prices, clock.now())
    if (reports.length > 0) {
      past.push({ at: clock.now(), snapshot: engine.snapshot(account, now()) })
      while ((past[1]?.at ?? Number.POSITIVE_INFINITY) < clock.now() - 60_000) past.shift()
    }
    for (const report of reports) {
      // Refusals are replies and never on the stream.
      if (report.type === 'rejected' || report.type === 'cancelRejected') continue
      for (const delayMs of faults.deliver(report)) later(delayMs, () => tell(report))
    }
    return reports
  }

  function tell(report: ExchangeReport): void {
    for (const line of lines) line.reports(report)
  }

  function later(delayMs: number, act: () => void): void {
    clock.schedule(clock.now() + delayMs, act)
  }

  function seen(): AccountSnapshot {
    const until = clock.now() - faults.staleMs
    const old = faults.staleMs > 0 ? past.findLast((it) => it.at <= until) : undefined
    return old === undefined ? engine.snapshot(account, now()) : { ...old.snapshot, asOf: now() }
  }

  function reach(): void {
    if (faults.isUnreachable) throw new BarfinexError('exchange.unavailable', 'The line is down.', { retryable: true })
  }

  /** What the engine, which knows the first rules, would take and the venue does not. */
  function refuse(order: Order): MatchingEvent | null {
    const { clientOrderId, symbol } = order
    const rules = ruled.get(symbol)
    if (rules === undefined) return null
    const broken = brokenRules(rules, order, Decimal.fromNumber(prices.get(symbol) ?? 0)).find(({ code }) =>
      /not-trading|step|tick/.test(code),
    )
    if (broken === undefined) return null
    const reason = { code: 'exchange.order.filter', message: broken.message }
    refused.push(clientOrderId)
    return { type: 'rejected', account, clientOrderId, exchangeOrderId: null, symbol, reason, occurredAt: now() }
  }

  function connection(own: Clock = clock): Connection {
    const line: Line = { reports: () => {}, onGap: () => {}, market: null }

    async function ask<Answer>(kind: VenueCall['kind'], answer: () => Answer): Promise<Answer> {
      asked.push({ at: clock.now(), kind })
      reach()
      await new Promise<void>((resolve) => own.schedule(own.now() + faults.questionMs(), resolve))
      reach()
      return answer()
    }

    /** Sends one request; `act` is what the venue does with it. */
    function send(
      action: 'submit' | 'cancel',
      {
        clientOrderId,
        symbol,
        purpose,
      }: Pick<Order, 'clientOrderId' | 'symbol'> & { purpose: Order['purpose'] | null },
      act: () => readonly MatchingEvent[],
    ): void {
      if (!lines.has(line)) return
      asked.push({ at: clock.now(), kind: action })
      const fate = faults.isUnreachable
        ? ({ arrives: false, travelMs: 0, reply: 'noticed', replyMs: 20 } as const)
        : faults.request(action, purpose)
      if (fate.arrives) {
        later(fate.travelMs, () => {
          const reply = settle(act()).find((it) => it.clientOrderId === clientOrderId && it.type !== 'fill')
          if (fate.reply === 'heard' && reply !== undefined) later(fate.replyMs, () => line.reports(reply))
        })
      }
      if (fate.reply !== 'noticed') return
      later(fate.replyMs, () => line.reports(lostReply(action, clientOrderId, symbol, now())))
    }

    const exchange: Exchange = {
      id: 'fault-venue',
      mode: options.mode ?? 'live',
      account,
      quoteAsset: 'USDT',
      capabilities: engineCapabilities({ candleTimeframes: ['1m'], trades: false }),
      startsAt: null,
      endsAt: null,
      async connect({ symbols }) {
        lines.add(line)
        return instruments
          .filter((it) => symbols.includes(it.symbol))
          .map((it) => ruled.get(it.symbol)?.instrument ?? it)
      },
      follow(sink) {
        line.market = sink
      },
      unfollow() {
        line.market = null
      },
      report(sink, onGap) {
        line.reports = sink
        line.onGap = onGap
      },
      history: async (symbol, timeframe, until, limit) =>
        timeframe === '1m' ? options.candles(symbol, until, limit) : [],
      submit(order) {
        send('submit', order, () => {
          const refusal = refuse(order)
          if (refusal !== null) return [refusal]
          truth.taken(order, prices.get(order.symbol) ?? 0, clock.now())
          return engine.submit(account, order, now())
        })
      },
      cancel(clientOrderId, symbol) {
        const purpose = truth.orders.get(clientOrderId)?.order.purpose ?? null
        send('cancel', { clientOrderId, symbol, purpose }, () => engine.cancel(account, clientOrderId, symbol, now()))
      },
      order: (clientOrderId) =>
        ask('order', () => {
          const taken = truth.orders.get(clientOrderId)
          const isHidden = taken === undefined || clock.now() - taken.takenAt < faults.indexingMs
          return isHidden ? null : engine.record(account, clientOrderId)
        }),
      fills: (symbol, since) =>
        ask('fills', () =>
          truth.fills.filter((it) => {
            const isShown = it.occurredAt <= now() - faults.indexingMs
            return it.symbol === symbol && it.occurredAt >= since && isShown
          }),
        ),
      snapshot: () => ask('snapshot', seen),
      async close() {
        cut()
      },
    }

    function cut(): void {
      lines.delete(line)
      line.reports = () => {}
      line.onGap = () => {}
      line.market = null
    }

    const { id, mode } = exchange
    return {
      exchange,
      factory: { id, mode, symbols: instruments.map((it) => it.symbol), create: async () => exchange },
      cut,
    }
  }

  return {
    engine,
    faults,
    truth,
    account,
    asked,
    refused,
    now,
    connection,
    quote(symbol, bid, ask, bidQuantity, askQuantity) {
      const middle = (bid + ask) / 2
      prices.set(symbol, middle)
      settle(engine.quote(symbol, bid, ask, bidQuantity, askQuantity, now()))
      // Others trade in the middle: only a last price wakes stops.
      settle(engine.print(symbol, middle, 0, 'buy', now()))
      const quote: Quote = { symbol, bid, ask, bidQuantity, askQuantity, occurredAt: now() }
      for (const { market } of lines) market?.quote(quote)
    },
    candle(candle) {
      for (const { market } of lines) market?.candle(candle)
    },
    rule(instrument, tellsAfterMs) {
      ruled.set(instrument.symbol, instrumentRules(instrument))
      truth.rule(instrument)
      later(tellsAfterMs, () => {
        for (const { market } of lines) market?.instrument?.(instrument)
      })
    },
    disturb(act) {
      for (const { market } of lines) if (market !== null) act(market)
    },
    breakReports() {
      for (const line of lines)
        line.onGap({ code: 'exchange.reports.interrupted', message: 'The user stream was cut.' })
    },
    byAnotherHand(act) {
      settle(act(engine, account, now()))
    },
  }
}

interface Line {
  reports: ReportSink
  onGap: GapSink
  market: MarketSink | null
}
