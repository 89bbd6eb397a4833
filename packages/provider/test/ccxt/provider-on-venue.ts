import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  createLog,
  createMemoryJournal,
  createProcessAuthority,
  createRandom,
  createVirtualClock,
  Decimal,
  decimal,
  isFinal,
  type Order,
  type OrderState,
} from '@barfinex/core'
import { createCcxtExchange } from '../../src/exchanges/ccxt/ccxt-exchange.js'
import { ccxtOptions } from '../../src/exchanges/ccxt/ccxt-options.js'
import type { Exchange } from '../../src/exchanges/exchange.js'
import { engineExchange } from '../../src/testing/engine-exchange.js'
import { givenOrder } from '../../src/testing/given-order.js'
import { type GivenProvider, givenProvider } from '../../src/testing/given-provider.js'
import { createVenue, type Venue, type VenueOptions } from '../../src/venue/index.js'

export interface ProviderOnVenueOptions {
  readonly seed: number
  readonly venue?: VenueOptions
  /** Puts something around the exchange: a bot that does it wrong. */
  readonly around?: (exchange: Exchange) => Exchange
}

/** What a run promises about orders and money, as counts and texts that are empty in a sound one. */
export interface Broken {
  /** I1: orders at the venue that the ledger does not know. */
  readonly lost: readonly string[]
  /** I2: intents with more than one order at the venue, or more filled than was asked for. */
  readonly doubled: readonly string[]
  /** I4: orders, balances in which ledger and venue differ. */
  readonly different: readonly string[]
  /** Orders about which nothing is known in the end. */
  readonly unresolved: readonly string[]
  /** Money that the venue itself lost. */
  readonly venue: readonly string[]
}

const symbol = 'BTC/USDT'
const stepMs = 100
const turns = 4

/** Provider over ccxt over real sockets over the venue: one virtual clock for both ends, periods as in production. */
export async function providerOnVenue(options: ProviderOnVenueOptions) {
  const clock = createVirtualClock({ startAt: Date.UTC(2026, 0, 5) })
  const venue = await createVenue({
    seed: options.seed,
    clock,
    symbols: [symbol],
    perpetuals: [],
    historyDays: 1,
    accounts: [{ id: 'main', balances: { USDT: '10000', BTC: '0.01' } }],
    ...options.venue,
  })
  const { apiKey, secret } = venue.keys
  const approvals = createProcessAuthority(Buffer.alloc(32, 7))
  const from = { clock, venue: engineExchange({ clock }), approvals, sealer: approvals.claimSealer() }
  const journal = createMemoryJournal()
  const started: GivenProvider[] = []

  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await clock.advanceBy(stepMs)
      for (let turn = 0; turn < turns; turn += 1) await nextTurn()
    }
  }

  async function start() {
    const parsed = ccxtOptions.parse({ venueUrl: venue.url, symbols: [symbol], timeoutMs: 2_000 })
    const real = createCcxtExchange(parsed, { key: apiKey, secret })
    const around = options.around?.(real) ?? real
    const exchange: Exchange = {
      ...around,
      connect: (it) => around.connect({ ...it, log: createLog({ level: 'error', write: () => {} }) }),
      // Production refuses a virtual clock; here the venue runs on the same one.
      get capabilities() {
        return { ...real.capabilities, virtualClock: null }
      },
    }
    const provider = await givenProvider({
      exchange,
      from,
      journal,
      nonceFrom: started.length * 1_000_000,
      provider: {
        exchange: { id: 'binance', mode: 'paper', symbols: [symbol], create: async () => exchange },
        symbols: [symbol],
        timeframes: ['1m'],
        mismatch: 'halt',
        closeGraceMs: 500,
        reconcile: { openOrdersMs: 10_000, positionsMs: 60_000 },
      },
    })
    started.push(provider)
    // Nothing is bought before there is a price to value it by.
    let isPriced = false
    provider.service.quotes$.subscribe(() => {
      isPriced = true
    })
    await provider.start()
    const stopBeat = provider.beat()
    while (!isPriced) await pass(stepMs)
    return { exchange, provider, stopBeat }
  }

  let running = await start()

  return {
    clock,
    venue,
    get provider() {
      return running.provider
    },
    pass,
    /** Ends Provider where it stands: no reply and no report reaches it any more. Then starts another over its journal. */
    async crash(): Promise<void> {
      const { exchange, provider, stopBeat } = running
      await exchange.close()
      stopBeat()
      await provider.stop()
      running = await start()
    },
    /** Lets time pass until the condition holds, or so much has passed. Returns how long it took. */
    async passUntil(condition: () => boolean, mostMs: number): Promise<number> {
      const from = clock.now()
      while (!condition() && clock.now() - from < mostMs) await pass(stepMs)
      return clock.now() - from
    },
    states: () => statesOf(started),
    broken: () => broken(venue, running.provider, statesOf(started)),
    /** How long after it was sent each order was concluded never to have arrived, in milliseconds. */
    absences: () => absenceTimes(started),
    async close(): Promise<void> {
      running.stopBeat()
      await running.provider.stop()
      await venue.close()
    },
  }
}

export type ProviderOnVenue = Awaited<ReturnType<typeof providerOnVenue>>

type States = ReadonlyMap<string, { readonly state: OrderState; readonly filled: string }>

/** The last word of every order, by id. */
function statesOf(started: readonly GivenProvider[]): States {
  const events = started.flatMap((it) => it.events)
  return new Map(events.map((it) => [it.clientOrderId, { state: it.state, filled: it.filledQuantity }]))
}

function broken(venue: Venue, provider: GivenProvider, ours: States): Broken {
  const truth = venue.world.truth()
  const [account] = truth.accounts
  const orders = account?.orders ?? []
  const text = (value: string) => decimal(value).toString()
  const perIntent = new Map<string, number>()
  for (const { clientOrderId } of orders) {
    const intent = intentOf(clientOrderId)
    perIntent.set(intent, (perIntent.get(intent) ?? 0) + 1)
  }
  const doubled = [...perIntent].filter(([, count]) => count > 1).map(([intent, count]) => `${intent} x ${count}`)
  const different: string[] = []
  for (const it of orders) {
    const known = ours.get(it.clientOrderId)
    if (known === undefined) continue
    if (text(known.filled) !== text(it.executedQuantity)) {
      different.push(`${it.clientOrderId} filled ${known.filled}, there ${it.executedQuantity}`)
    }
    if (isFinal(known.state) === it.isOpen) different.push(`${it.clientOrderId} is ${known.state}, there ${it.status}`)
  }
  const balances = provider.service.account().balances
  for (const there of account?.balances ?? []) {
    if (there.market !== 'spot') continue
    const total = balances.find((it) => it.asset === there.asset)?.total ?? '0'
    if (text(total) !== text(there.total)) different.push(`${there.asset} ${total}, there ${there.total}`)
  }
  return {
    lost: orders.filter((it) => !ours.has(it.clientOrderId)).map((it) => it.clientOrderId),
    doubled,
    different,
    unresolved: [...ours].filter(([, it]) => doubts.has(it.state)).map(([id, it]) => `${id} ${it.state}`),
    venue: truth.audit.filter((it) => decimal(it.difference).toString() !== '0').map((it) => JSON.stringify(it)),
  }
}

const doubts: ReadonlySet<OrderState> = new Set(['initialized', 'submitted', 'uncertain', 'pendingCancel'])
/** Ids of these tests are `intent`, or `intent-again` where a bot sends it twice. */
const intentOf = (clientOrderId: string) => clientOrderId.replace(/-again$/, '')

/** A seeded run of orders and cancels: buys, sells, limits near and far, stops. */
export function workload(run: ProviderOnVenue, seed: number) {
  const { venue, pass } = run
  const random = createRandom(`workload ${seed}`)
  let count = 0
  const price = () => Number(venue.world.book('spot', 'BTCUSDT').bids[0]?.[0] ?? '0')
  const at = (share: number) => Decimal.fromNumber(Math.round(price() * share * 100) / 100).toString()
  const kinds: readonly (() => Partial<Order>)[] = [
    () => ({ side: 'buy', type: 'market' }),
    () => ({ side: 'sell', type: 'market' }),
    () => ({ side: 'buy', type: 'limit', limitPrice: at(0.9995) }),
    () => ({ side: 'buy', type: 'limit', limitPrice: at(0.9) }),
    () => ({ side: 'buy', type: 'limit', limitPrice: at(0.99), timeInForce: 'ioc' }),
    () => ({ side: 'sell', type: 'limit', limitPrice: at(1.0005) }),
    () => ({ side: 'sell', type: 'stopMarket', triggerPrice: at(0.998), purpose: 'stop', reduceOnly: true }),
  ]
  const sent: string[] = []
  return {
    /** One act, and some time after it; none when `isHasty`. */
    async act(isHasty = false): Promise<void> {
      if (sent.length > 2 && random.next() < 0.3) {
        run.provider.cancel(sent[random.integer(sent.length)] as string)
      } else {
        count += 1
        const id = `s${seed}-${count}`
        const kind = kinds[random.integer(kinds.length)] as () => Partial<Order>
        const quantity = `0.00${1 + random.integer(3)}`
        run.provider.submit(givenOrder({ clientOrderId: id, intentId: id, quantity, ...kind() }))
        sent.push(id)
      }
      if (random.next() < 0.5) {
        venue.world.movePrice('spot', 'BTCUSDT', at(0.996 + random.next() * 0.008))
      }
      if (!isHasty) await pass(100 + random.integer(2_500))
    },
  }
}

function absenceTimes(started: readonly GivenProvider[]): readonly number[] {
  const sentAt = new Map<string, number>()
  const found: number[] = []
  for (const { payload, occurredAt } of started.flatMap((it) => it.said)) {
    if (payload.state === 'submitted') sentAt.set(payload.clientOrderId, occurredAt)
    if (payload.state !== 'rejected' || payload.reason?.code !== 'order.resolve.never-arrived') continue
    found.push(occurredAt - (sentAt.get(payload.clientOrderId) ?? 0))
  }
  return found
}
