import {
  type AccountState,
  BarfinexError,
  type BookChange,
  type Candle,
  type CandleReply,
  type CandleRequest,
  createLifeline,
  type Feed,
  type Fill,
  flow,
  type Instrument,
  type OrderEvent,
  observe,
  parseOptions,
  type Quote,
  queries,
  type Runtime,
  type RuntimeOptions,
  resolveRuntime,
  type Service,
  type Trade,
  type Unsubscribe,
} from '@barfinex/core'
import type { Observable } from 'rxjs'
import type { z } from 'zod'
import type { Exchange, ExchangeFactory } from './exchanges/exchange.js'
import type { Gateway, GatewayDesk, TicketOptions } from './gateway/create-gateway.js'
import { changedInstrument } from './market/changed-instrument.js'
import { Market } from './market/market.js'
import { Marks } from './market/marks.js'
import type { Audit } from './orders/audit.js'
import type { Difference } from './orders/compare-account.js'
import { Orders } from './orders/orders.js'
import { periodsOf, providerOptions } from './provider-options.js'

export type ProviderOptions = RuntimeOptions & z.input<typeof providerOptions>

/** Provider: exchange to system, and the only way back. */
export interface ProviderService extends Service {
  readonly name: 'provider'
  readonly trades$: Observable<Trade>
  readonly quotes$: Observable<Quote>
  /** Closed candles, each once per revision. */
  readonly candles$: Observable<Candle>
  readonly formingCandles$: Observable<Candle>
  readonly books$: Observable<BookChange>
  /** State of every followed symbol's market data, the present one first. */
  readonly feeds$: Observable<Feed>
  readonly orders$: Observable<OrderEvent>
  readonly fills$: Observable<Fill>
  /** The account, the present state first. */
  readonly account$: Observable<AccountState>
  /** What is followed. Empty before the start, like everything below that reads the exchange. */
  readonly instruments: readonly Instrument[]
  /** Instant up to which a recorded market goes; `null` where it never ends. */
  readonly endsAt: number | null
  /** The account as the ledger knows it now. Throws `service.not-ready` before the start. */
  account(): AccountState
  /** The present state of a symbol's market data; `null` for one that is not followed. */
  feed(symbol: string): Feed | null
  /** Best levels of the order book; `null` while there is none that may be used. */
  book(symbol: string, depth?: number): BookChange | null
  /** Market events refused at the edge since the start, by reason. */
  refusals(): Readonly<Record<string, number>>
  /** Closed candles, the newest until an instant, with a cursor for older ones. */
  candles(request: CandleRequest): Promise<CandleReply>
  /** Compares ledger and exchange now; what is left is what differs. */
  reconcile(): Promise<readonly Difference[]>
  /** Counts broken promises about orders and money: 0 everywhere in a sound run. */
  audit(): Promise<Audit>
  /** Address of the gateway; `null` without one. */
  readonly url: string | null
  /** An address that signs a browser in once; `null` without a gateway. */
  ticketUrl(options?: TicketOptions): string | null
}

interface Running {
  readonly exchange: Exchange
  readonly instruments: () => readonly Instrument[]
  readonly market: Market
  readonly orders: Orders
  readonly gateway: Gateway | null
}

/**
 * Makes a provider. A part put in place by `runtime.substitutes.exchange` takes the place of the exchange described here, as a
 * backtest does.
 *
 * Throws `options.invalid`, and `desk.live-on-virtual-clock` for a live exchange on a virtual clock.
 *
 * @example
 * const service = createService({ bus: createMemoryBus(), exchange: paper({ seed: 7 }), symbols: ['BTC/USDT'] })
 * service.candles$.subscribe((candle) => console.log(candle.symbol, candle.close))
 */
export function createService(options: ProviderOptions): ProviderService {
  const { runtime, rest } = resolveRuntime(options)
  const own = parseOptions(providerOptions, rest, 'provider')
  const { bus, clock, log } = runtime
  const factory = (runtime.substitutes['exchange'] as ExchangeFactory | undefined) ?? own.exchange
  if (factory.mode === 'live' && clock.kind === 'virtual') {
    throw new BarfinexError(
      'desk.live-on-virtual-clock',
      `${factory.id} is a live exchange and the clock is virtual. Use paper or a tape here, or the machine's clock.`,
    )
  }
  const symbols = own.symbols ?? factory.symbols
  if (symbols.length === 0) {
    throw new BarfinexError('options.invalid', `provider: ${factory.id} serves what is named. Give \`symbols\`.`)
  }
  const lifeline = createLifeline(runtime, 'provider')
  const subscriptions: Unsubscribe[] = []
  let running: Running | null = null

  function present(): Running {
    if (running !== null) return running
    throw new BarfinexError('service.not-ready', 'Provider is not started. Start its desk first.')
  }

  async function prepare(): Promise<void> {
    lifeline.beat()
    const exchange = await factory.create()
    try {
      running = await connect(exchange)
    } catch (error) {
      await exchange.close()
      throw error
    }
    const { market, orders, gateway } = running
    subscriptions.push(
      bus.respond(queries.candles, (request) => market.answer(request)),
      bus.subscribe(flow.account, ({ payload }) => showAccount(payload), { keys: [exchange.account] }),
    )
    await orders.prepare()
    await gateway?.start()
  }

  async function connect(exchange: Exchange): Promise<Running> {
    refuseClock(exchange, clock.kind)
    const gateway = await openGateway(exchange)
    const instruments = await exchange.connect({ clock, random: runtime.random.fork('exchange'), log, symbols })
    const { latestArrivalMs = 0 } = exchange
    if (own.reconcile.absenceMs < latestArrivalMs) {
      const message = `reconcile.absenceMs is ${own.reconcile.absenceMs}, and an order may reach ${exchange.id} until ${latestArrivalMs} ms after it was sent. Give at least that, or a smaller recvWindowMs.`
      throw new BarfinexError('options.invalid', message)
    }
    const missing = symbols.filter((symbol) => !instruments.some((it) => it.symbol === symbol))
    if (missing.length > 0) {
      throw new BarfinexError('exchange.not-supported', `${exchange.id} does not trade ${missing.join(', ')}.`)
    }
    const said = bus.publisher(flow.instrument, 'provider', runtime.epoch)
    for (const instrument of instruments) said.publish(instrument, { occurredAt: clock.now() })
    const known = new Map(instruments.map((it) => [it.symbol, it]))
    const marks = new Marks()
    const periods = periodsOf(own, clock.kind, exchange.mode)
    const market = new Market({
      runtime,
      exchange,
      symbols,
      marks,
      timeframes: own.timeframes,
      recentCandles: own.recentCandles,
      staleAfterMs: own.staleAfterMs,
      closeGraceMs: periods.closeGraceMs,
      formingEveryMs: own.formingEveryMs,
      onInstrument: (instrument) => {
        const changed = changedInstrument(known.get(instrument.symbol), instrument)
        if (changed === null) return
        log.warn('rules of an instrument have changed', { symbol: changed.symbol, status: changed.status })
        known.set(changed.symbol, changed)
        orders.ledger.money.learn(changed)
        said.publish(changed, { occurredAt: clock.now() })
      },
    })
    const orders = new Orders({ ...periods, deadManMs: own.deadManMs, runtime, exchange, instruments, marks })
    const present = () => instruments.map((it) => known.get(it.symbol) ?? it)
    return { exchange, instruments: present, market, orders, gateway }
  }

  async function openGateway({ mode, account }: Exchange): Promise<Gateway | null> {
    const { gateway } = own
    if (gateway === undefined || gateway === false) return null
    // Fastify and its kin are loaded only where a gateway is wanted: a backtest never is.
    const { createGateway } = await import('./gateway/create-gateway.js')
    const obeyAlone: GatewayDesk['obeyAlone'] = (...said) => running?.orders.obeyAlone(...said)
    return createGateway({ ...runtime, mode, account, obeyAlone }, gateway)
  }

  function showAccount({ known, reason }: AccountState): void {
    const { state } = lifeline.status()
    if (state === 'ready' && !known) {
      lifeline.set('degraded', reason?.code ?? 'order.account.unknown', reason?.message ?? 'The account is not known.')
    } else if (state === 'degraded' && known) lifeline.set('ready', 'service.ready', 'The account is known again.')
  }

  return {
    name: 'provider',
    status$: lifeline.status$,
    status: () => lifeline.status(),
    trades$: observe(bus, flow.trade),
    quotes$: observe(bus, flow.quote),
    candles$: observe(bus, flow.candle),
    formingCandles$: observe(bus, flow.formingCandle),
    books$: observe(bus, flow.book),
    feeds$: observe(bus, flow.feed),
    orders$: observe(bus, flow.orderEvent),
    fills$: observe(bus, flow.fill),
    account$: observe(bus, flow.account),
    get instruments() {
      return running?.instruments() ?? []
    },
    get endsAt() {
      return running?.exchange.endsAt ?? null
    },
    account: () => present().orders.account(),
    feed: (symbol) => present().market.feedOf(symbol),
    book: (symbol, depth = 20) => present().market.bookOf(symbol, depth),
    refusals: () => present().market.refusals(),
    candles: async (request) => present().market.answer(request),
    reconcile: async () => present().orders.check(),
    audit: async () => present().orders.audit(),
    get url() {
      return running?.gateway?.url ?? null
    },
    ticketUrl: (ticket) => running?.gateway?.ticketUrl(ticket) ?? null,
    parts: [
      {
        role: 'orders',
        prepare,
        async open() {},
        async drain() {
          running?.orders.drain()
        },
        async close() {
          for (const unsubscribe of subscriptions.splice(0)) unsubscribe()
          running?.orders.stop()
          await running?.gateway?.stop()
          await running?.exchange.close()
          lifeline.set('stopped', 'service.stopped', 'Provider has stopped.')
          lifeline.stop()
        },
      },
      {
        role: 'market',
        async prepare() {},
        async open() {
          const { market, orders } = present()
          await market.open()
          lifeline.set('ready', 'service.ready', `Following ${symbols.join(', ')}.`)
          showAccount(orders.account())
        },
        async drain() {
          lifeline.set('draining', 'service.draining', 'The market is no longer followed.')
          running?.market.close()
        },
        async close() {},
      },
    ],
  }
}

function refuseClock(exchange: Exchange, kind: Runtime['clock']['kind']): void {
  const { virtualClock } = exchange.capabilities
  if (virtualClock === null || virtualClock === (kind === 'virtual')) return
  throw new BarfinexError(
    'options.invalid',
    virtualClock
      ? `${exchange.id} needs a virtual clock: start the desk with \`clock: createVirtualClock()\`.`
      : `${exchange.id} needs the machine's clock.`,
  )
}
