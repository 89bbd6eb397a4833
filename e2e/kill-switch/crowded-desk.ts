import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AccountState, type CommandReceipt, derivedId, flow, type TradingState } from '@barfinex/core'
import { anIntent } from '@barfinex/core/testing'
import type { VenueOptions, VenueTrueOrder, VenueTruth } from '@barfinex/provider/venue'
import { type BusyFleet, busyOptions, createBusyFleet } from '../busy-fleet.js'
import { accountOf } from '../crash/judge-books.js'
import { startVenueProgram, type VenueProcess } from '../crash/venue-process.js'
import { eventually } from '../eventually.js'

export const openOrders = 200
const account = 'venue'
const symbols = ['BTC/USDT', 'ETH/USDT', 'BNB/USDT', 'SOL/USDT'] as const
const close = { op: 'candle', source: 'close' } as const

/** As a user has it: an Inspector that is gone looks healthy for up to twice as long. */
const daemon = { heartbeatMs: 2_000 }

/** Sees no reason ever: all entries of this desk come from {@link CrowdedDesk.fill}. */
const idleStrategy = {
  id: 'idle',
  symbols: ['BTC/USDT'],
  inputs: { main: '1m' },
  rules: [{ id: 'never', direction: 'long', weight: 1, when: { op: 'lt', of: [close, 0] } }],
  thresholds: { long: 1 },
  exits: {
    long: { stop: { op: 'multiply', of: [close, 0.99] }, target: { op: 'multiply', of: [close, 1.02] } },
  },
}

/** Five daemons, Redis and the venue as processes, with entries at the venue that wait far from its market. */
export interface CrowdedDesk extends BusyFleet {
  readonly venue: VenueProcess
  /** All are up and trading is allowed. */
  open(): Promise<void>
  /**
   * One position with its stop, and 200 entries, by approved orders as an advisor asks for them. Resolves when the venue holds all
   * and the ledger knows it.
   */
  fill(): Promise<void>
  /** Presses the kill switch at Provider's gateway, with the operator's token. */
  press(requestId: string): Promise<CommandReceipt>
  /** The newest word about the account. */
  ledger(): AccountState | undefined
  /** Studio and the advisor die at once, and Redis with them, or it is only frozen: its connections stay open. */
  lose(redis?: 'killed' | 'frozen'): Promise<void>
  /** Redis serves again, and Inspector has heard of the press and stands down. */
  recover(): Promise<void>
}

/** Makes one on a seeded market. */
export async function createCrowdedDesk(seed: number): Promise<CrowdedDesk> {
  // More orders than the venue takes in ten seconds are to rest there: how fast they got there is not what is tried.
  const options: VenueOptions = {
    seed,
    symbols: [...symbols],
    perpetuals: [],
    // Each of them, filled, may have its stop.
    limits: Object.fromEntries(symbols.map((symbol) => [symbol, { maxNumAlgoOrders: 100 }])),
    accounts: [{ id: 'main', balances: { USDT: '100000' } }],
    orderLimits: { per10Seconds: 1_000, perDay: 200_000 },
  }
  const venue = await startVenueProgram([join(import.meta.dirname, 'venue-program.ts'), JSON.stringify(options)])
  const keyFile = join(venue.directory, 'exchange.key.json')
  writeFileSync(keyFile, JSON.stringify({ key: venue.apiKey, secret: venue.secret }), { mode: 0o600 })
  const fleet = await createBusyFleet({
    account,
    exchange: { ccxt: { account, venueUrl: venue.url, keyFile, symbols } },
    options: {
      ...busyOptions,
      provider: { timeframes: ['1m'], mismatch: 'halt', daemon },
      detector: { strategies: [idleStrategy] },
      advisor: { timeframes: ['1m'], model: { engine: 'typescript' } },
      inspector: {
        policies: [{ maxPositionNotional: '9000' }],
        sizing: { maxNotional: '1000', maxOrderCount: 1_000 },
        daemon,
      },
    },
  })
  const { bus } = fleet
  const intents = bus.publisher(flow.intent, 'advisor')
  const quoted = new Set<string>()
  bus.subscribe(flow.quote, ({ payload }) => void quoted.add(payload.symbol))
  let intentCount = 0

  async function priceOf(symbol: string): Promise<number> {
    const ticker = await fetch(`${venue.url}/api/v3/ticker/price?symbol=${symbol.replace('/', '')}`)
    return Number(((await ticker.json()) as { price: string }).price)
  }

  /** Asks for an entry at the market, or far below it where `share` of the price is given. */
  function ask(symbol: string, price: number, share: number | null): void {
    intentCount += 1
    const at = Date.now()
    const entry = price * (share ?? 1)
    intents.publish(
      anIntent({
        intentId: `int-${derivedId('crowd', `${seed}`, `${intentCount}`)}`,
        decisionId: `dec-${intentCount}`,
        signalId: `sig-${intentCount}`,
        symbol,
        entry: share === null ? 'market' : 'limit',
        limitPrice: share === null ? null : cents(entry),
        referencePrice: cents(entry),
        stopPrice: cents(entry * 0.95),
        targetPrice: cents(entry * 1.2),
        sizeCap: 0.02,
        issuedAt: at,
        expiresAt: at + 600_000,
      }),
      { occurredAt: at },
    )
  }

  const ledger = (): AccountState | undefined => bus.last(flow.account, account)?.payload
  const state = (): TradingState['state'] | undefined => bus.last(flow.tradingState, account)?.payload.state

  return {
    ...fleet,
    venue,
    ledger,
    async open() {
      await fleet.start()
      if (state() !== 'active') fleet.command('resume')
      const isOpen = () => state() === 'active' && ledger()?.known === true && quoted.size === symbols.length
      await eventually('trading is allowed', isOpen, 60_000, fleet.known)
    },
    async fill() {
      const prices = new Map<string, number>()
      for (const symbol of symbols) prices.set(symbol, await priceOf(symbol))
      const isHeld = async () => openStops(await venue.truth()).length > 0
      if (!(await isHeld())) ask(symbols[0], prices.get(symbols[0]) as number, null)
      await eventually('a position is open and has a stop', isHeld, 60_000, fleet.known)
      let asked = 0
      let askedAt = 0
      const isFull = async () => {
        const missing = openOrders - openEntries(await venue.truth()).length
        // What the calls of this minute were too few for is asked for again.
        if (missing > 0 && Date.now() > askedAt + 15_000) {
          askedAt = Date.now()
          for (let count = 0; count < missing; count += 1, asked += 1) {
            const symbol = symbols[asked % symbols.length] as string
            ask(symbol, prices.get(symbol) as number, 0.9 - 0.0005 * (asked % openOrders))
          }
        }
        return missing === 0
      }
      await eventually('all entries rest at the venue', isFull, 150_000, fleet.known)
      const isKnown = () => (ledger()?.openOrders.length ?? 0) > openOrders
      await eventually('the ledger has them', isKnown, 10_000, fleet.known)
    },
    async press(requestId) {
      const file = readFileSync(join(fleet.directory, 'tokens.json'), 'utf8')
      const { tokens } = JSON.parse(file) as { tokens: readonly { token: string }[] }
      const response = await fetch(`${fleet.fleet.gatewayUrl}/api/commands`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${tokens[0]?.token}`,
          'content-type': 'application/json',
          'x-barfinex-request': '1',
        },
        body: JSON.stringify({ type: 'kill', why: 'enough', requestId, expiresInMs: 60_000 }),
      })
      if (response.status !== 202) throw new Error(`The gateway says ${response.status}: ${await response.text()}`)
      return (await response.json()) as CommandReceipt
    },
    async lose(redis = 'killed') {
      if (redis === 'frozen') fleet.redis.pause()
      else await fleet.redis.kill()
      await Promise.all([fleet.fleet.studio.kill(), fleet.fleet.advisor.kill()])
    },
    async recover() {
      fleet.redis.resume()
      await fleet.redis.start()
      await eventually('Inspector has heard it', () => state() === 'halted', 60_000, fleet.known)
    },
    async close() {
      await fleet.close()
      await venue.stop()
    },
  }
}

/** A price on the grid, as text. */
function cents(price: number): string {
  return String(Number(price.toFixed(2)))
}

/** Entries that may still fill. */
export function openEntries(truth: VenueTruth): readonly VenueTrueOrder[] {
  return accountOf(truth).orders.filter((it) => it.isOpen && it.side === 'BUY')
}

/** Stops that rest. */
export function openStops(truth: VenueTruth): readonly VenueTrueOrder[] {
  return accountOf(truth).orders.filter((it) => it.isOpen && it.side === 'SELL' && it.type.startsWith('STOP_LOSS'))
}
