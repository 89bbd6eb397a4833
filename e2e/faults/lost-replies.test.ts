import { describe, expect, test } from 'vitest'
import { doubtTimes } from './doubt-times.js'
import { heard, lostReply, lostRequest } from './fates.js'
import type { World } from './fault-world.js'
import { survives } from './run-faults.js'

/** From now on a share of the requests has this fate; and where `isDeaf` draws so, the user stream does not tell of them either. */
function strikeRequests(
  { venue, random }: World,
  wanted: 'submit' | 'cancel',
  share: number,
  fate: typeof lostReply,
  deafness: number,
): void {
  const own = random.fork('strike')
  const isDeaf = own.next() < deafness
  const { request, deliver } = venue.faults
  venue.faults.request = (action, purpose) =>
    action === wanted && own.next() < share ? fate(own) : request(action, purpose)
  venue.faults.deliver = (report) => {
    const isAck = report.type === 'accepted' || report.type === 'canceled'
    return isAck && isDeaf && own.next() < share ? [] : deliver(report)
  }
}

describe('orders whose fate is not heard of', () => {
  test('F1 accepted, and the reply never comes', async () => {
    await survives('F1', {
      strike: (world) => strikeRequests(world, 'submit', 0.4, lostReply, 0.5),
      async check(world) {
        for (const ms of await doubtTimes(world)) expect(ms).toBeLessThanOrEqual(3_000)
      },
    })
  })

  test('F2 accepted and filled, and the connection is reset', async () => {
    await survives('F2', {
      strike: ({ venue, random, clock }) => {
        const own = random.fork('strike')
        const { request, deliver } = venue.faults
        let deafUntil = 0
        venue.faults.request = (action, purpose) => {
          if (own.next() > 0.3) return request(action, purpose)
          deafUntil = venue.now() + 1_500
          clock.schedule(deafUntil, () => venue.breakReports())
          return { ...heard(own), reply: 'noticed', replyMs: 30 }
        }
        venue.faults.deliver = (report) => (venue.now() < deafUntil ? [] : deliver(report))
      },
    })
  })

  test('F3 accepted, and the gateway answers 503', async () => {
    await survives('F3', {
      strike: (world) =>
        strikeRequests(world, 'submit', 0.5, (own) => ({ ...heard(own), reply: 'noticed', replyMs: 20 }), 0.5),
      async check(world) {
        for (const ms of await doubtTimes(world)) expect(ms).toBeLessThanOrEqual(3_000)
      },
    })
  })

  test('F4 the request is lost, or comes late', async () => {
    await survives('F4', {
      strike: ({ venue, random }) => {
        const own = random.fork('strike')
        const { request } = venue.faults
        let wasLost = false
        venue.faults.request = (action, purpose) => {
          // Every other entry; of what protects now and then one, and not the one after it.
          wasLost = !wasLost && action === 'submit' && own.next() < (purpose === 'entry' ? 0.5 : 0.1)
          return wasLost ? lostRequest(own) : request(action, purpose)
        }
      },
      // A request that was lost is made again when the venue's validity window has passed, not before.
      nakedMs: 30_000,
    })
  })

  test('F5 the first answer says that the id is taken', async () => {
    await survives('F5', {
      strike: (world) =>
        strikeRequests(world, 'submit', 0.5, (own) => ({ ...heard(own), reply: 'noticed', replyMs: 70 }), 1),
      async check(world) {
        for (const ms of await doubtTimes(world)) expect(ms).toBeLessThanOrEqual(1_000)
      },
    })
  })

  test('F6 a cancel is done, and its reply never comes', async () => {
    await survives('F6', { strike: (world) => strikeRequests(world, 'cancel', 0.7, lostReply, 0.5) })
  })
})
