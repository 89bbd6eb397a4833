import { BarfinexError, type Clock, parseOptions } from '@barfinex/core'
import { z } from 'zod'
import { openTape } from '../exchanges/tape/open-tape.js'
import { type PlayKey, playKey } from './play-key.js'
import { type ServedVenue, serveVenue } from './serve-venue.js'
import { createVenueClock } from './venue-clock.js'
import type { VenueWorld } from './venue-world.js'
import type { KeyRing } from './wire/key-restrictions.js'
import type { VenueSockets } from './wire/socket-registry.js'
import { createVenueWorld } from './world/create-venue-world.js'
import { venueWorldOptions } from './world/venue-world-options.js'

const port = z.number().int().min(0).max(65_535).default(0)
const limit = z.number().int().min(1)
const clock = z.custom<Clock>((it) => typeof it === 'object' && it !== null && 'schedule' in it, 'must be a clock')
const account = venueWorldOptions.shape.accounts.element.omit({ apiKey: true, secret: true, publicKey: true })

const venueOptions = venueWorldOptions.omit({ clock: true, accounts: true, tape: true }).extend({
  /** Port of the exchange on 127.0.0.1; any free one when absent. */
  port,
  /** Port of the control; any free one when absent. */
  controlPort: port,
  /** A clock that somebody else drives. Without it the venue has its own, which {@link VenueControl} drives. */
  clock: clock.optional(),
  /** First instant of the venue's own clock, milliseconds UTC; the present when absent, so that clients' timestamps fit. */
  startAt: z.number().int().min(0).optional(),
  /** Venue time over wall time; 0 lets it stand until the control moves it. */
  pace: z.number().min(0).max(1_000_000).default(1),
  /** File of a recorded market to play in place of a generated one. */
  tape: z.string().min(1).optional(),
  /** Who may trade; the first is the one whose keys {@link Venue.keys} gives. */
  accounts: z
    .array(account)
    .min(1)
    .default([account.parse({ id: 'main' })]),
  /** How much clients may ask for; Binance's limits when absent. */
  clientLimits: z
    .strictObject({
      weightPerMinute: limit.default(6_000),
      dialsPer5Minutes: limit.default(300),
      framesPerSecond: limit.default(5),
      streamsPerSocket: limit.default(1_024),
    })
    .prefault({}),
})
export type VenueOptions = z.input<typeof venueOptions>

/** The way to drive a venue and to break it from inside its process; the control port does the same over HTTP. */
export interface VenueControl {
  /** `http://127.0.0.1:49153`. */
  readonly url: string
  /** Opens the control port: `Authorization: Bearer TOKEN`. */
  readonly token: string
  readonly sockets: VenueSockets
  /** What each key may do. */
  readonly keys: KeyRing
  /** Moves the venue's own clock on, running what falls due on the way. */
  advance(ms: number): Promise<void>
  /** Venue time over wall time from now on; 0 lets it stand. */
  pace(speed: number): Promise<void>
}

/** A running test venue. */
export interface Venue {
  /** `http://127.0.0.1:49152`: REST below `/api/v3`, `/sapi/v1` and `/fapi/v1`. */
  readonly url: string
  /** `ws://127.0.0.1:49152`: `/ws`, `/stream`, `/fstream` and `/ws-api/v3`. */
  readonly wsUrl: string
  /** What is behind the sockets: its faults, its prices, its truth. */
  readonly world: VenueWorld
  readonly control: VenueControl
  /** The keys of the first account. */
  readonly keys: PlayKey
  /** The keys of another. Throws `options.invalid` for an account that is not there. */
  keysOf(account: string): PlayKey
  close(): Promise<void>
}

/**
 * Opens a test venue: an exchange on 127.0.0.1 that speaks Binance spot and, in part, USD-M perpetuals, in front of the same matching
 * engine that paper trading uses. Nothing leaves the machine. Throws `options.invalid` for wrong options or a taken port.
 *
 * @example
 * const venue = await createVenue({ seed: 7 })
 * venue.world.faults.inject({ id: 'lost', at: 'POST /api/v3/order', fault: { do: 'dropReply' }, times: 1 })
 * await venue.close()
 */
export async function createVenue(options: VenueOptions = {}): Promise<Venue> {
  const parsed = parseOptions(venueOptions, options, 'venue')
  const { port, controlPort, clock: given, startAt, pace, tape, accounts, clientLimits, ...worldly } = parsed
  const keyed = new Map(accounts.map((it) => [it.id, playKey(parsed.seed, it.id)]))
  const opened = tape === undefined ? undefined : await openTape(tape)
  const clock = createVenueClock({
    pace,
    ...(given === undefined ? {} : { clock: given }),
    ...(startAt === undefined ? {} : { startAt }),
  })
  const world = createVenueWorld({
    ...worldly,
    clock: clock.clock,
    accounts: accounts.map((it) => ({ ...it, ...publicPart(keyed.get(it.id) as PlayKey) })),
    ...(opened === undefined ? {} : { tape: opened }),
  })
  let served: ServedVenue
  try {
    served = await serveVenue({ world, clock, port, controlPort, limits: clientLimits })
  } catch (error) {
    world.close()
    await clock.stop()
    throw error
  }
  const { sockets, faults, keys, controlToken: token } = served
  const keysOf = (id: string) => {
    const found = keyed.get(id)
    if (found !== undefined) return found
    throw new BarfinexError(
      'options.invalid',
      `There is no account "${id}". Accounts: ${[...keyed.keys()].join(', ')}.`,
    )
  }
  return {
    url: `http://127.0.0.1:${served.port}`,
    wsUrl: `ws://127.0.0.1:${served.port}`,
    world: { ...world, faults },
    control: {
      url: `http://127.0.0.1:${served.controlPort}`,
      token,
      sockets,
      advance: clock.advance,
      pace: clock.pace,
      keys,
    },
    keys: keysOf(accounts[0]?.id ?? ''),
    keysOf,
    async close() {
      await served.close()
      world.close()
      await clock.stop()
    },
  }
}

function publicPart({ apiKey, secret, publicKey }: PlayKey) {
  return { apiKey, secret, publicKey }
}
