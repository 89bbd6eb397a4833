import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  BarfinexError,
  createLog,
  createRandom,
  createVirtualClock,
  type Reason,
  type VirtualClock,
} from '@barfinex/core'
import { createCcxtExchange } from '../../src/exchanges/ccxt/ccxt-exchange.js'
import { type CcxtOptions, ccxtOptions } from '../../src/exchanges/ccxt/ccxt-options.js'
import { type ExchangeUnderTest, listen } from '../../src/testing/exchange-under-test.js'
import { createVenue, type Venue } from '../../src/venue/index.js'

export interface OnVenueOptions {
  readonly seed?: number
  readonly ccxt?: CcxtOptions
  /** Arms the venue before the exchange connects. */
  readonly arm?: (venue: Venue) => void
}

/** The ccxt exchange on a test venue: real sockets, one virtual clock for both ends. */
export interface OnVenue extends ExchangeUnderTest {
  readonly venue: Venue
  readonly clock: VirtualClock
  /** Why the exchange said that reports may be missing, so far. */
  readonly gaps: readonly Reason[]
  /** Every line it logged. */
  readonly lines: readonly string[]
}

/** Time that passes between two looks at the sockets, in milliseconds. */
const stepMs = 50
/** Turns of the loop in which both ends can hear each other. */
const turns = 4
/** Wall time after which a condition counts as never coming. */
const patienceMs = 20_000

const symbols = ['BTC/USDT']

export async function onVenue(options: OnVenueOptions = {}): Promise<OnVenue> {
  const clock = createVirtualClock({ startAt: Date.UTC(2026, 0, 5) })
  const venue = await createVenue({
    seed: options.seed ?? 7,
    clock,
    symbols,
    perpetuals: [],
    historyDays: 1,
    accounts: [{ id: 'main', balances: { USDT: '10000' } }],
  })
  options.arm?.(venue)
  const lines: string[] = []
  const gaps: Reason[] = []
  const parsed = ccxtOptions.parse({ venueUrl: venue.url, symbols, timeoutMs: 2_000, ...options.ccxt })
  const { apiKey: key, secret } = venue.keys
  const exchange = createCcxtExchange(parsed, { key, secret })
  const log = createLog({ level: 'debug', write: (line) => lines.push(line) })

  async function step(ms: number): Promise<void> {
    await clock.advanceBy(ms)
    for (let turn = 0; turn < turns; turn += 1) await nextTurn()
  }

  async function close(): Promise<void> {
    await exchange.close()
    await venue.close()
  }

  try {
    const instruments = await exchange.connect({ clock, random: createRandom(1), log, symbols })
    const ears = listen(exchange)
    exchange.report(
      (report) => ears.reports.push(report),
      (reason) => gaps.push(reason),
    )
    return {
      exchange,
      venue,
      clock,
      gaps,
      lines,
      instruments,
      reports: ears.reports,
      market: ears.market,
      now: () => clock.now(),
      follow: () => exchange.follow(ears.sink),
      async wait(ms) {
        for (let left = ms; left > 0; left -= stepMs) await step(Math.min(left, stepMs))
      },
      async until(condition, what) {
        const end = performance.now() + patienceMs
        while (!condition()) {
          if (performance.now() > end) throw new BarfinexError('service.not-ready', `Waited in vain for ${what}.`)
          await step(stepMs)
        }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
