import {
  type ExecutionIntent,
  flow,
  isFinal,
  type OperatorCommand,
  type OrderCommand,
  type Random,
} from '@barfinex/core'
import { anIntent, anOperatorCommand } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import { between, heard } from './fates.js'
import type { World } from './fault-world.js'
import { runFaults } from './run-faults.js'
import { guards } from './unprotected.js'
import { refusing, unlinking } from './venue-hand.js'

/** Stops that move with nearly every quote, so that something is always being replaced. */
const trailing = { protection: { trailing: { activateAtR: 0, distanceBps: 8, stepBps: 2 } } }
const minuteMs = 60_000

/** Does something again and again at drawn intervals, on the world's clock. */
function again({ clock }: World, random: Random, fromMs: number, toMs: number, act: () => void): void {
  clock.schedule(clock.now() + between(random, fromMs, toMs), () => {
    act()
    again({ clock } as World, random, fromMs, toMs, act)
  })
}

function operate(world: World, command: Partial<OperatorCommand>): void {
  const { bus, clock } = world.life()
  const issuedAt = clock.now()
  const own = anOperatorCommand({
    account: world.venue.account,
    commandId: `by-hand-${issuedAt}`,
    issuedAt,
    expiresAt: issuedAt + 60_000,
    ...command,
  })
  bus.publisher(flow.operatorCommand, 'studio', 1).publish(own, { occurredAt: issuedAt })
}

/** An entry that rests: filled in as many parts as the market has. */
function propose(world: World, symbol: string): void {
  const { bus, clock } = world.life()
  const price = world.market.price(symbol)
  const isLong = symbol === 'BTC/USDT'
  const at = (share: number): string => (price * (isLong ? share : 2 - share)).toFixed(2)
  const now = clock.now()
  const intent: ExecutionIntent = anIntent({
    intentId: `resting-${symbol}-${now}`,
    decisionId: `resting-decision-${symbol}-${now}`,
    strategyId: `resting-${now}`,
    symbol,
    direction: isLong ? 'long' : 'short',
    entry: 'limit',
    limitPrice: at(1.000_1),
    referencePrice: at(1),
    stopPrice: at(0.997),
    targetPrice: at(1.003),
    issuedAt: now,
    expiresAt: now + 30_000,
  })
  bus.publisher(flow.intent, 'advisor', 1).publish(intent, { occurredAt: now })
}

/** Stops that rest at the venue now. */
function restingStops({ venue }: World): readonly { clientOrderId: string; symbol: string }[] {
  return [...venue.truth.orders.values()]
    .filter(({ order, state }) => order.purpose === 'stop' && !isFinal(state) && state !== 'submitted')
    .map(({ order }) => order)
}

/** After an entry has filled, the market of its symbol jumps against it for a while. */
function shockAfterEntries(world: World, random: Random, share: number, forMs: number): void {
  const shocks = new Map<string, { until: number; factor: number }>()
  const { deliver } = world.venue.faults
  world.market.bend = (symbol, price) => {
    const shock = shocks.get(symbol)
    return shock === undefined || world.clock.now() > shock.until ? price : price * shock.factor
  }
  world.venue.faults.deliver = (report) => {
    const order = world.venue.truth.orders.get(report.clientOrderId)?.order
    if (report.type === 'fill' && order?.purpose === 'entry' && random.next() < 0.6) {
      const factor = order.side === 'buy' ? 1 - share : 1 + share
      shocks.set(report.symbol, { until: world.clock.now() + forMs, factor })
    }
    return deliver(report)
  }
}

/** Incidents of a code, as the journal has them. */
async function incidents({ journal }: World, code: string): Promise<readonly { symbol: string | null; at: number }[]> {
  const found: { symbol: string | null; at: number }[] = []
  for await (const { type, payload, occurredAt } of journal.read()) {
    if (type !== flow.incident.name) continue
    const { reason, symbol } = payload as { reason: { code: string }; symbol: string | null }
    if (reason.code === code) found.push({ symbol, at: occurredAt })
  }
  return found
}

describe("positions under faults, by the venue's own account", () => {
  test('in normal running: 2 s at p99.9', async () => {
    const times = await guards('normal running', {
      strike: () => {},
      lastsMs: 4 * minuteMs,
      desk: { inspector: trailing },
    })
    expect(times.quantile(0.999)).toBeLessThanOrEqual(2_000)
  })

  test('F7 a cancel races with a fill', async () => {
    const times = await guards('F7', {
      lastsMs: 3 * minuteMs,
      desk: { inspector: trailing },
      strike(world) {
        const random = world.random.fork('strike')
        world.venue.faults.request = (action) =>
          action === 'cancel' ? { ...heard(random), travelMs: between(random, 1, 400) } : heard(random)
        again(world, random, 3_000, 20_000, () => {
          propose(world, random.next() < 0.5 ? 'BTC/USDT' : 'ETH/USDT:USDT')
          world.clock.schedule(world.clock.now() + between(random, 50, 4_000), () =>
            operate(world, { type: 'cancelEntries', symbol: null, commandId: `race-${world.clock.now()}` }),
          )
        })
      },
    })
    expect(times.quantile(0.999)).toBeLessThanOrEqual(2_000)
  })

  test('F14 the process dies between the fill of an entry and its stop', async () => {
    const lives: { readonly killedAt: number; readonly startedAt: number }[] = []
    let deaths = 0
    await guards('F14', {
      nakedMs: 15_000,
      lastsMs: minuteMs,
      async strike(world) {
        lives.length = 0
        const random = world.random.fork('strike')
        const { clock, venue } = world
        const { deliver } = venue.faults
        let killedAt: number | null = null
        venue.faults.deliver = (report) => {
          const isEntry = venue.truth.orders.get(report.clientOrderId)?.order.purpose === 'entry'
          if (report.type === 'fill' && isEntry && killedAt === null) {
            // Somewhere between the fill and the acknowledgement of the stop.
            killedAt = clock.now() + between(random, 0, 250)
            clock.schedule(killedAt, () => world.life().kill())
          }
          return deliver(report)
        }
        for (let round = 0; round < 240 && lives.length < 4; round += 1) {
          await world.pass(1_000)
          if (killedAt === null) continue
          const diedAt = killedAt
          await world.pass(between(random, 0, 2_000))
          await world.boot()
          lives.push({ killedAt: diedAt, startedAt: clock.now() })
          killedAt = null
        }
        venue.faults.deliver = deliver
      },
      async judge(world) {
        deaths += lives.length
        for (const { killedAt, startedAt } of lives) {
          for (const { from, to } of world.venue.truth.nakedStretches()) {
            if (from > startedAt || (to ?? startedAt) < killedAt) continue
            expect((to ?? world.clock.now()) - startedAt, 'unprotected after the restart').toBeLessThanOrEqual(2_000)
          }
        }
        expect(await firstActs(world, lives)).toEqual([])
      },
    })
    expect(deaths, 'processes that died').toBeGreaterThan(0)
  })

  test('F15 an entry fills in many parts', async () => {
    await guards('F15', {
      lastsMs: 4 * minuteMs,
      nakedMs: 2_000,
      judge({ clock, venue }) {
        const { truth } = venue
        const isEntryAt = (symbol: string, at: number): boolean =>
          truth.fills.some((fill) => {
            const order = truth.orders.get(fill.clientOrderId)?.order
            return fill.symbol === symbol && fill.occurredAt === at && order?.purpose === 'entry'
          })
        const grown = truth.nakedStretches().filter(({ symbol, from }) => isEntryAt(symbol, from))
        for (const { from, to } of grown) expect((to ?? clock.now()) - from).toBeLessThanOrEqual(1_000)
      },
      strike(world) {
        const random = world.random.fork('strike')
        again(world, random, 4_000, 12_000, () => propose(world, random.next() < 0.5 ? 'BTC/USDT' : 'ETH/USDT:USDT'))
      },
    })
  })

  const refusals = [
    { code: 'exchange.order.off-tick', message: 'The tick has changed.' },
    { code: 'exchange.order.insufficient-funds', message: 'Something else holds it.' },
    { code: 'exchange.rejected', message: 'Filter failure: MAX_NUM_ALGO_ORDERS' },
    { code: 'exchange.rejected', message: 'Filter failure: PERCENT_PRICE_BY_SIDE' },
  ] as const

  test('F16 the stop is rejected: corrected and tried again, or left', async () => {
    let random: Random | null = null
    await guards('F16', {
      lastsMs: 4 * minuteMs,
      nakedMs: 5_000,
      exchange: (exchange) =>
        refusing(exchange, ({ purpose }) => {
          if (random === null || purpose !== 'stop' || random.next() < 0.4) return null
          return refusals[random.integer(refusals.length)] ?? null
        }),
      strike: (world) => {
        random = world.random.fork('strike')
      },
    })
  })

  test('F16 every stop is rejected: everything is left, and flat within 5 s', async () => {
    let isRefusing = false
    await guards('F16', {
      lastsMs: 4 * minuteMs,
      nakedMs: 5_000,
      exchange: (exchange) =>
        refusing(exchange, ({ purpose }) => (isRefusing && purpose === 'stop' ? refusals[3] : null)),
      strike() {
        isRefusing = true
      },
      judge() {
        isRefusing = false
      },
    })
  })

  for (const isHeard of [true, false]) {
    const title = isHeard ? 'canceled by hand' : 'canceled by hand, and the user stream says nothing'
    // Unheard it takes one reconciliation of open orders to notice.
    test(`F17 the stop is ${title}`, async () => {
      await guards('F17', {
        lastsMs: 4 * minuteMs,
        nakedMs: isHeard ? 5_000 : 15_000,
        strike(world) {
          const random = world.random.fork('strike')
          const { deliver } = world.venue.faults
          const quiet = new Set<string>()
          world.venue.faults.deliver = (report) => (quiet.has(report.clientOrderId) ? [] : deliver(report))
          again(world, random, 5_000, 20_000, () => {
            const stops = restingStops(world)
            const stop = stops[random.integer(Math.max(1, stops.length))]
            if (stop === undefined) return
            if (!isHeard) quiet.add(stop.clientOrderId)
            world.venue.byAnotherHand((engine, account, now) =>
              engine.cancel(account, stop.clientOrderId, stop.symbol, now),
            )
          })
        },
      })
    })
  }

  test('F18 the stop would trigger at once: flat within 2 s', async () => {
    let exits = 0
    await guards('F18', {
      lastsMs: 4 * minuteMs,
      nakedMs: 3_000,
      strike(world) {
        const random = world.random.fork('strike')
        world.venue.faults.request = () => ({ ...heard(random), travelMs: between(random, 1, 600) })
        shockAfterEntries(world, random, 0.004, 8_000)
      },
      async judge(world) {
        for (const { symbol, at } of await incidents(world, 'inspector.protection.would-trigger')) {
          exits += 1
          const naked = world.venue.truth.nakedStretches().filter((it) => it.symbol === symbol && it.from <= at)
          for (const { to } of naked) if (to !== null && to > at) expect(to - at).toBeLessThanOrEqual(2_000)
        }
      },
    })
    expect(exits, 'stops that would have fired at once').toBeGreaterThan(0)
  })

  test('F19 stop and target stand unlinked and both are in reach: nothing is oversold', async () => {
    await guards('F19', {
      nakedMs: 5_000,
      exchange: (exchange) => unlinking(exchange),
      strike(world) {
        const random = world.random.fork('strike')
        let side = 1
        again(world, random, 500, 4_000, () => {
          side = -side
        })
        world.market.bend = (_, price) => price * (1 + side * 0.003)
        world.venue.faults.deliver = () => [between(random, 1, 400)]
      },
    })
  })

  test('without protection the harness catches what stays naked', async () => {
    let isOff = false
    const { broken } = await runFaults(1, {
      exchange: (exchange) => refusing(exchange, ({ purpose }) => (isOff && purpose === 'stop' ? 'swallow' : null)),
      strike() {
        isOff = true
      },
    })
    expect(broken.some((line) => line.startsWith('I3'))).toBe(true)
  })
})

/** What was sent first in each life that found something open, where it was not a stop. */
async function firstActs(
  { journal, venue }: World,
  lives: readonly { readonly killedAt: number; readonly startedAt: number }[],
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const { killedAt, startedAt } of lives) {
    const naked = venue.truth.nakedStretches().some(({ from, to }) => from <= killedAt && (to ?? startedAt) > startedAt)
    if (!naked) continue
    let first: OrderCommand | null = null
    for await (const { type, payload, occurredAt } of journal.read()) {
      if (type !== flow.orderCommand.name || occurredAt < killedAt || first !== null) continue
      first = payload as OrderCommand
    }
    if (first?.type === 'submit' && first.order.purpose === 'entry') wrong.push(`${killedAt}: an entry came first`)
  }
  return wrong
}
