import { derivedId, type ExecutionIntent, flow } from '@barfinex/core'
import { anIntent } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import { bookings } from './doubt-times.js'
import { between, lostReply } from './fates.js'
import { faultInstruments } from './fault-market.js'
import type { World } from './fault-world.js'
import { survives } from './run-faults.js'

/** Where nothing is heard of a stop that went, the comparison every 10 s finds it; then it is placed again. In milliseconds. */
const silentNakedMs = 13_000

/** Entries that rest near the price, each taken back after a moment: cancels and fills meet. */
function placeLimits({ clock, market, random, life }: World): void {
  const own = random.fork('limits')
  const say = life().bus.publisher(flow.intent, 'advisor')
  let count = 0
  clock.every(4_000, () => {
    const [instrument] = faultInstruments
    if (instrument === undefined) return
    const { symbol } = instrument
    const price = market.price(symbol)
    const at = clock.now()
    count += 1
    const cents = (value: number): string => String(Number(value.toFixed(2)))
    const intent: ExecutionIntent = anIntent({
      intentId: `int-${derivedId('limit', String(count))}`,
      decisionId: `dec-${count}`,
      signalId: `sig-${count}`,
      symbol,
      direction: 'long',
      entry: 'limit',
      limitPrice: cents(price * (1 - 0.000_1 * own.next())),
      referencePrice: cents(price),
      stopPrice: cents(price * 0.997),
      targetPrice: cents(price * 1.003),
      sizeCap: 0.2,
      issuedAt: at,
      expiresAt: at + between(own, 500, 3_000),
    })
    say.publish(intent, { occurredAt: at })
    clock.schedule(intent.expiresAt, () => cancelEntries(count))
  })

  function cancelEntries(turn: number): void {
    const at = clock.now()
    life()
      .bus.publisher(flow.operatorCommand, 'gateway')
      .publish(
        {
          commandId: `cancel-${turn}-${at}`,
          type: 'cancelEntries',
          account: 'test',
          symbol: 'BTC/USDT',
          clientOrderId: null,
          strategyId: null,
          by: 'ann',
          why: 'to meet the fill',
          issuedAt: at,
          expiresAt: at + 60_000,
        },
        { occurredAt: at },
      )
  }
}

describe('fills and what is heard of them', () => {
  test('F7 cancels meet fills', async () => {
    await survives('F7', {
      strike: (world) => {
        placeLimits(world)
        const { venue, random } = world
        const own = random.fork('strike')
        const { request } = venue.faults
        venue.faults.request = (action, purpose) =>
          action === 'cancel' && own.next() < 0.3 ? lostReply(own) : request(action, purpose)
      },
      lastsMs: 4 * 60_000,
    })
  })

  test('F8 the records know an order only after up to 5 s', async () => {
    await survives('F8', {
      strike: ({ venue, random }) => {
        const own = random.fork('strike')
        venue.faults.indexingMs = between(own, 1_000, 5_000)
        const { request } = venue.faults
        venue.faults.request = (action, purpose) =>
          action === 'submit' && own.next() < 0.4 ? lostReply(own) : request(action, purpose)
      },
    })
  })

  test('F9 the user stream is cut while fills happen, and is back', async () => {
    const cuts: { from: number; to: number }[] = []
    await survives('F9', {
      strike: ({ venue, random, clock }) => {
        const own = random.fork('strike')
        const { deliver } = venue.faults
        let isCut = false
        cuts.length = 0
        venue.faults.deliver = (report) => (isCut ? [] : deliver(report))
        const cut = (): void => {
          const to = clock.now() + between(own, 1_000, 30_000)
          cuts.push({ from: clock.now(), to })
          isCut = true
          venue.breakReports()
          clock.schedule(to, () => {
            isCut = false
            venue.breakReports()
            clock.schedule(to + between(own, 10_000, 40_000), cut)
          })
        }
        cut()
      },
      async check(world) {
        for (const { filledAt, bookedAt } of await bookings(world)) {
          const cut = cuts.find(({ from, to }) => from <= filledAt && filledAt < to)
          expect(bookedAt - (cut?.to ?? filledAt)).toBeLessThanOrEqual(5_000)
        }
      },
      nakedMs: silentNakedMs,
    })
  })

  test('F10 reports come twice, out of order within 2 s, or 30 s late', async () => {
    await survives('F10', {
      strike: ({ venue, random }) => {
        const own = random.fork('strike')
        venue.faults.deliver = () =>
          Array.from({ length: 1 + own.integer(3) }, () =>
            own.next() < 0.05 ? between(own, 25_000, 30_000) : between(own, 1, 2_000),
          )
      },
    })
  })

  for (const [share, name] of [
    [0.01, '1 %'],
    [0.1, '10 %'],
    [1, '100 %'],
  ] as const) {
    test(`F11 ${name} of the reports are dropped without a word`, async () => {
      await survives(
        `F11 ${name}`,
        {
          strike: ({ venue, random }) => {
            const own = random.fork('strike')
            const { deliver } = venue.faults
            venue.faults.deliver = (report) => (own.next() < share ? [] : deliver(report))
          },
          async check(world) {
            // One period of the comparison, and the time it takes.
            for (const { filledAt, bookedAt } of await bookings(world)) {
              expect(bookedAt - filledAt).toBeLessThanOrEqual(11_000)
            }
          },
          nakedMs: silentNakedMs,
        },
        10,
      )
    })
  }

  test('F12 the stream is closed as every day and opened again', async () => {
    await survives('F12', {
      strike: ({ venue, random, clock }) => {
        const own = random.fork('strike')
        const { deliver } = venue.faults
        let isCut = false
        venue.faults.deliver = (report) => (isCut ? [] : deliver(report))
        clock.every(20_000, () => {
          isCut = true
          venue.breakReports()
          clock.schedule(clock.now() + between(own, 100, 2_000), () => {
            isCut = false
            venue.breakReports()
          })
        })
      },
      async check(world) {
        for (const { filledAt, bookedAt } of await bookings(world))
          expect(bookedAt - filledAt).toBeLessThanOrEqual(5_000)
      },
    })
  })

  test('F13 a half-open stream: connected, and silent until its watchdog notices after 30 s', async () => {
    await survives('F13', {
      strike: ({ venue, random, clock }) => {
        const own = random.fork('strike')
        const { deliver } = venue.faults
        let isSilent = false
        venue.faults.deliver = (report) => (isSilent ? [] : deliver(report))
        const fall = (): void => {
          isSilent = true
          clock.schedule(clock.now() + 30_000, () => {
            isSilent = false
            venue.breakReports()
            clock.schedule(clock.now() + between(own, 5_000, 40_000), fall)
          })
        }
        fall()
      },
      async check(world) {
        for (const { filledAt, bookedAt } of await bookings(world)) {
          expect(bookedAt - filledAt).toBeLessThanOrEqual(11_000)
        }
      },
      nakedMs: silentNakedMs,
    })
  })
})
