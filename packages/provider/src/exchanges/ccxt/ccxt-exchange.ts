import { BarfinexError, type CancelTask, createWallTimer, type Instrument, type Reason } from '@barfinex/core'
import { RecentIds } from '../../market/recent-ids.js'
import type {
  ConnectOptions,
  Exchange,
  ExchangeReport,
  GapSink,
  MarketSink,
  OrderRecord,
  ReportSink,
} from '../exchange.js'
import { candleHistory } from './candle-history.js'
import type { ResolvedCcxtOptions } from './ccxt-options.js'
import { type Connection, openConnection } from './connection.js'
import { EchoWatch } from './echo-watch.js'
import type { ExchangeKey } from './exchange-key.js'
import { GapVoice } from './gap-voice.js'
import { wireTypes } from './instruments.js'
import { checkKeyScope } from './key-scope.js'
import { MarketStream } from './market-stream.js'
import { nothingLeft, OrderDesk, secondTryMs } from './order-desk.js'
import { RequestFault } from './request-fault.js'
import { RulesWatch } from './rules-watch.js'
import { readUserEvent } from './user-event.js'
import { UserStream } from './user-stream.js'

interface Running {
  readonly connection: Connection
  readonly desk: OrderDesk
  readonly user: UserStream
  readonly echo: EchoWatch
}

const rememberedFills = 20_000
/** A stream that does not show an order so long after the reply is suspect, in milliseconds. */
const echoMs = 5_000
/** The exchange's own limit for working on a request, and the error allowed to a measured clock, in milliseconds. */
const engineMs = 10_000
const clockErrorMs = 1_000
const startAttempts = 3

/** Binance's spot market through ccxt: requests by ccxt's signed raw methods, streams over connections of our own. */
export function createCcxtExchange(options: ResolvedCcxtOptions, key: ExchangeKey): Exchange {
  const told = new RecentIds(rememberedFills)
  const tasks: CancelTask[] = []
  let running: Running | null = null
  let market: MarketStream | null = null
  let heard: MarketSink | null = null
  let reports: ReportSink = () => {}
  let gaps: GapSink = () => {}
  let isClosed = false

  function present(): Running {
    if (running === null) throw new BarfinexError('service.not-ready', 'The exchange is used before connect().')
    return running
  }

  /** Every fill once: the reply and the stream both bring it. */
  function tell(report: ExchangeReport): void {
    if (isClosed) return
    if (report.type === 'fill') {
      const fillId = `${report.symbol} ${report.tradeId}`
      if (told.has(fillId)) return
      told.add(fillId)
    }
    reports(report)
  }

  async function connect(with_: ConnectOptions): Promise<readonly Instrument[]> {
    const { clock, random, log } = with_
    const connection = await openConnection({ options, key, clock, random, log })
    tasks.push(() => void connection.wire.close())
    const { rest, time, records, listings, budget } = connection
    await atStart(() => time.measure()).catch(fail('The exchange does not tell its time'))
    // The sandbox does not tell, and no money is there.
    if (connection.addresses.account !== null) await checkKeyScope(rest, options.live, log)
    const account = await records.account('urgent').catch(fail('The account could not be read'))
    // Without a word about fees they are taken for the dearest of the usual ones.
    const fees = account.commissionRates ?? { maker: '0.001', taker: '0.001' }
    await listings.load(with_.symbols, fees).catch(fail('The markets could not be read'))
    budget.setLimit(listings.weightLimit)
    budget.setOrderLimit(listings.orderLimit)
    const rules = new RulesWatch({
      clock,
      everyMs: options.refreshMs,
      read: () => refresh(connection),
      isHalted: () => listings.instruments.some(({ status }) => status !== 'trading'),
    })
    running = await openReports(connection, rules)
    rules.start()
    tasks.push(() => rules.stop())
    return listings.instruments
  }

  async function openReports(connection: Connection, rules: RulesWatch): Promise<Running> {
    const { clock, wire, time, listings, addresses, random, log } = connection
    const voice = new GapVoice(clock, (reason) => {
      if (!isClosed) gaps(reason)
    })
    const onGap = (reason: Reason) => voice.say(reason)
    const user = new UserStream({
      url: addresses.reports,
      clock,
      random,
      log,
      pingMs: options.pingMs,
      openMs: options.timeoutMs,
      pollMs: options.pollMs,
      sign: () => wire.sign({}),
      redact: wire.redact,
      onClockFault: () => void time.measure().catch(() => {}),
      onEvent: (event) => hear(event),
      onGap,
    })
    const echo = new EchoWatch({ clock, patienceMs: echoMs, onGap, onDeaf: () => user.renew() })
    const desk = new OrderDesk({
      ...connection,
      tell,
      onTaken: (clientOrderId) => echo.expect(clientOrderId),
      onDoubt: () => rules.doubt(),
    })
    tasks.push(
      () => user.stop(),
      () => echo.stop(),
      () => voice.stop(),
    )

    function hear(event: unknown): void {
      const read = readUserEvent(event, (marketId) => listings.symbolOf(marketId))
      if (read.type === 'unreadable') {
        onGap({ code: 'exchange.reports.unreadable', message: 'A report about an order could not be read.' })
      } else if (read.type === 'order') {
        const { clientOrderId, exchangeOrderId, reports, symbol } = read
        echo.hear(clientOrderId)
        connection.names.add(symbol, exchangeOrderId, clientOrderId)
        for (const report of reports) tell(ended(report, desk))
        if (read.isFilled && desk.isCut(clientOrderId)) {
          tell({
            type: 'canceled',
            clientOrderId,
            exchangeOrderId,
            symbol,
            reason: nothingLeft,
            occurredAt: time.now(),
          })
        }
      }
    }

    await within(options.timeoutMs, user.start())
    return { connection, desk, user, echo }
  }

  async function refresh({ time, listings, log }: Connection): Promise<void> {
    time.measure().catch((error) => log.warn('the exchange does not tell its time', { error }))
    try {
      await listings.refresh()
      // Whoever listens knows what was there before, and so what is new.
      for (const it of listings.instruments) heard?.instrument?.(it)
    } catch (error) {
      log.warn('the rules of the symbols could not be read', { error })
    }
  }

  return {
    id: options.id,
    mode: options.live ? 'live' : 'paper',
    account: options.account ?? options.id,
    quoteAsset: options.quoteAsset,
    get capabilities() {
      return {
        orderTypes: running?.connection.listings.orderTypes ?? (Object.keys(wireTypes) as (keyof typeof wireTypes)[]),
        timesInForce: ['gtc', 'ioc', 'fok'] as const,
        // Nobody can sell what he does not hold here; selling more than is held is cut to what is.
        reduceOnly: true,
        postOnly: true,
        // Its lists take both legs in one request; orders that come one by one cannot be joined.
        oco: false,
        // Built from numbered trades: a candle of the stream may be corrected later without a word.
        candleTimeframes: [],
        trades: true,
        book: options.book,
        virtualClock: false,
      }
    },
    startsAt: null,
    endsAt: null,
    latestArrivalMs: secondTryMs + options.recvWindowMs + engineMs + clockErrorMs,
    connect,
    follow(sink) {
      if (market !== null || isClosed) return
      const { connection } = present()
      heard = sink
      market = new MarketStream({
        ...connection,
        url: connection.addresses.streams,
        pingMs: options.pingMs,
        openMs: options.timeoutMs,
        sink,
        isBookKept: options.book,
      })
      market.start()
    },
    unfollow() {
      market?.stop()
      market = null
      heard = null
    },
    report(sink, gapSink) {
      reports = sink
      gaps = gapSink
    },
    async history(symbol, timeframe, until, limit) {
      const { connection } = present()
      const listing = connection.listings.of(symbol)
      return listing === undefined ? [] : candleHistory(connection, listing, timeframe, until, limit)
    },
    submit(order) {
      present().desk.submit(order)
    },
    cancel(clientOrderId, symbol) {
      present().desk.cancel(clientOrderId, symbol)
    },
    async order(clientOrderId, symbol) {
      const { connection, desk } = present()
      const record = await connection.records.order(clientOrderId, symbol)
      return record !== null && desk.isCut(clientOrderId) ? cutShort(record) : record
    },
    async fills(symbol, since) {
      return present().connection.records.fills(symbol, since)
    },
    async snapshot() {
      return present().connection.records.snapshot()
    },
    async close() {
      isClosed = true
      market?.stop()
      market = null
      for (const cancel of tasks.splice(0).reverse()) cancel()
    },
  }
}

/** An end that nobody asked for here has a reason. */
function ended(report: ExchangeReport, desk: OrderDesk): ExchangeReport {
  if (report.type !== 'canceled' || report.reason !== null || desk.isCanceling(report.clientOrderId)) return report
  const message = 'It was canceled at the exchange, not from here.'
  return { ...report, reason: { code: 'exchange.order.canceled-there', message } }
}

/** Of a cut order the exchange knows only the part that was sent: that it is filled ends the whole of it. */
function cutShort(record: OrderRecord): OrderRecord {
  return record.state === 'filled' ? { ...record, state: 'canceled' } : record
}

/** The first word with an exchange may take long: the way there is made. It is a read, so it is asked again. */
async function atStart(ask: () => Promise<void>): Promise<void> {
  for (let attempt = 1; attempt < startAttempts; attempt += 1) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof RequestFault) || error.kind !== 'unclear') throw error
    }
  }
  return ask()
}

function fail(what: string) {
  return (error: unknown): never => {
    throw error instanceof RequestFault ? error.toError(what) : error
  }
}

async function within(ms: number, opened: Promise<void>): Promise<void> {
  let cancel = () => {}
  const late = new Promise<never>((_resolve, reject) => {
    cancel = createWallTimer().after(ms, () => {
      const message = 'The stream of reports does not open. Check the address, the key and the way to the exchange.'
      reject(new BarfinexError('exchange.unavailable', message, { retryable: true }))
    })
  })
  await Promise.race([opened, late]).finally(cancel)
}
