import { describe, expect, test } from 'vitest'
import { between } from './fates.js'
import type { World } from './fault-world.js'
import { survives } from './run-faults.js'

const minuteMs = 60_000

/** Weights of the calls as Binance counts them, per minute at most 6,000. */
const weights = { submit: 1, cancel: 1, order: 4, fills: 20, snapshot: 100 } as const
const halfOfTheLimit = 3_000

/** The heaviest minute of calls. */
function heaviestMinute({ venue }: World): number {
  let heaviest = 0
  let sum = 0
  let first = 0
  venue.asked.forEach(({ at, kind }) => {
    sum += weights[kind]
    while ((venue.asked[first]?.at ?? at) <= at - minuteMs) {
      sum -= weights[venue.asked[first]?.kind ?? kind]
      first += 1
    }
    heaviest = Math.max(heaviest, sum)
  })
  return heaviest
}

describe('a venue that is away', () => {
  for (const [name, lengthMs, seeds] of [
    ['1 s', 1_000, 20],
    ['1 min', minuteMs, 20],
    ['1 h', 60 * minuteMs, 10],
  ] as const) {
    test(`F20 no request is answered for ${name}`, async () => {
      await survives(
        `F20 no request is answered for ${name}`,
        {
          strike: ({ venue, random, clock, outages }) => {
            const from = clock.now() + between(random.fork('strike'), 0, 2 * minuteMs)
            const to = from + lengthMs
            outages.push({ from, to })
            clock.schedule(from, () => {
              venue.faults.isUnreachable = true
            })
            clock.schedule(to, () => {
              venue.faults.isUnreachable = false
            })
          },
          lastsMs: 2 * minuteMs + lengthMs + 3 * minuteMs,
          // An order that did not get through is made again when its validity has passed.
          nakedMs: 30_000,
          check: (world) => expect(heaviestMinute(world)).toBeLessThanOrEqual(halfOfTheLimit),
        },
        seeds,
      )
    })
  }
})

describe('an account that is shown as it was', () => {
  test('a snapshot of up to 2 s ago leads to nothing: no position is made up, and none is closed', async () => {
    await survives('a snapshot of up to 2 s ago', {
      strike: ({ venue, random, clock }) => {
        const own = random.fork('strike')
        clock.every(700, () => {
          venue.faults.staleMs = between(own, 0, 2_000)
        })
      },
      check: ({ lines }) => expect(lines.filter((it) => it.includes('ledger and exchange differ'))).toEqual([]),
    })
  })
})

describe('clocks that differ', () => {
  for (const skewMs of [300, -300]) {
    test(`F24 the venue's clock is ${skewMs} ms off ours: trading goes on`, async () => {
      let before = 0
      await survives(
        `F24 the venue's clock is ${skewMs} ms off ours`,
        {
          strike: ({ venue }) => {
            venue.faults.skewMs = skewMs
            before = venue.truth.fills.length
          },
          check: ({ venue }) => expect(venue.truth.fills.length).toBeGreaterThan(before),
        },
        10,
      )
    })
  }

  for (const skewMs of [2_000, -2_000, 15_000, -15_000]) {
    test(`F24 the venue's clock is ${skewMs / 1_000} s off ours`, async () => {
      await survives(
        `F24 the venue's clock is ${skewMs / 1_000} s off ours`,
        {
          strike: ({ venue }) => {
            venue.faults.skewMs = skewMs
          },
        },
        10,
      )
    })
  }

  for (const skewMs of [900, -15_000]) {
    test(`F24 the venue's clock is ${skewMs / 1_000} s off ours and a third of the reports is lost`, async () => {
      await survives(
        `F24 the venue's clock is ${skewMs / 1_000} s off ours and a third`,
        {
          strike: ({ venue, random }) => {
            const own = random.fork('strike')
            venue.faults.skewMs = skewMs
            const { deliver } = venue.faults
            venue.faults.deliver = (report) => (own.next() < 0.33 ? [] : deliver(report))
          },
          nakedMs: 13_000,
        },
        10,
      )
    })
  }

  test('F24 the venue steps ahead and waits until we have come up', async () => {
    await survives('F24 the venue steps', {
      strike: ({ venue, random, clock }) => {
        const own = random.fork('strike')
        clock.every(minuteMs, () => {
          venue.faults.skewMs = between(own, -15_000, 15_000)
        })
      },
    })
  })
})
