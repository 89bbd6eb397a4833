import type { Random } from '@barfinex/core'
import type { RequestFate, VenueFaults } from '@barfinex/provider/testing'

/** A uniform whole number of milliseconds in [from, to). */
export function between(random: Random, from: number, to: number): number {
  return from + random.integer(Math.max(1, to - from))
}

/** A good line with the jitter of a network: replies and reports overtake each other. */
export function jitter(random: Random): Pick<VenueFaults, 'request' | 'deliver' | 'questionMs'> {
  return {
    request: () => heard(random),
    deliver: () => [between(random, 1, 120)],
    questionMs: () => between(random, 5, 150),
  }
}

export function heard(random: Random): RequestFate {
  return { arrives: true, travelMs: between(random, 1, 60), reply: 'heard', replyMs: between(random, 1, 60) }
}

/** Taken, but the caller hears after a timeout that there is no reply, or hears nothing at all. */
export function lostReply(random: Random): RequestFate {
  return {
    arrives: true,
    travelMs: between(random, 1, 60),
    reply: random.next() < 0.7 ? 'noticed' : 'silent',
    replyMs: between(random, 200, 2_000),
  }
}

/** Never taken, or taken late while the request is still valid. */
export function lostRequest(random: Random): RequestFate {
  return {
    arrives: random.next() < 0.4,
    travelMs: between(random, 1_000, 15_000),
    reply: random.next() < 0.7 ? 'noticed' : 'silent',
    replyMs: between(random, 200, 2_000),
  }
}
