import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BarfinexError, createWallTimer, entropy } from '@barfinex/core'
import { faultPlaces, guardFaults } from './fault-places.js'
import { serveControl } from './serve-control.js'
import type { VenueClock } from './venue-clock.js'
import { controlActs } from './venue-control.js'
import type { VenueFaults } from './venue-faults.js'
import type { VenueWorld } from './venue-world.js'
import { createCallDesk } from './wire/call-desk.js'
import { createHttpDoor } from './wire/http-door.js'
import { createKeyRing, type KeyRing, keyOperations } from './wire/key-restrictions.js'
import { createListenKeys } from './wire/listen-keys.js'
import type { MarketSocketOptions } from './wire/market-socket.js'
import { createRateLimits, type RateLimitOptions } from './wire/rate-limits.js'
import { serveRest } from './wire/serve-rest.js'
import { serveSockets } from './wire/serve-sockets.js'
import { createSocketRegistry, type VenueSockets } from './wire/socket-registry.js'
import { spotAccountOperations, spotOrderOperations } from './wire/spot-account-operations.js'
import { spotMarketOperations } from './wire/spot-market-operations.js'
import { usdmOperations } from './wire/usdm-operations.js'

/** How much clients may ask for. The defaults are Binance's. */
export type VenueLimits = RateLimitOptions & MarketSocketOptions

export interface ServeVenueOptions {
  readonly world: VenueWorld
  readonly clock: VenueClock
  readonly port: number
  readonly controlPort: number
  readonly limits: VenueLimits
}

/** A world behind its sockets. */
export interface ServedVenue {
  readonly port: number
  readonly controlPort: number
  readonly controlToken: string
  readonly sockets: VenueSockets
  /** The world's faults, which take no rule that could never strike here. */
  readonly faults: VenueFaults
  readonly keys: KeyRing
  close(): Promise<void>
}

const host = '127.0.0.1'

/** Opens the venue's two ports on loopback. Throws `options.invalid` when a port is taken. */
export async function serveVenue(options: ServeVenueOptions): Promise<ServedVenue> {
  const { clock, limits } = options
  const { now } = options.world
  const keys = createKeyRing()
  const listenKeys = createListenKeys(now)
  const operations = [
    ...spotMarketOperations,
    ...spotOrderOperations,
    ...spotAccountOperations,
    ...keyOperations(keys, now()),
    ...usdmOperations,
    ...listenKeys.operations,
  ]
  const faults = guardFaults(options.world.faults, faultPlaces(options.world, operations))
  const world: VenueWorld = { ...options.world, faults }
  const rates = createRateLimits(now, limits)
  const sockets = createSocketRegistry(world)
  const desk = createCallDesk(world, rates, keys)
  const orderCounts = (accountId: string) =>
    Object.fromEntries(
      world.spot.orderRateLimit(accountId).map((it) => [`${it.intervalNum}${it.interval.charAt(0)}`, it.count]),
    )
  const server = createHttpDoor(serveRest({ operations, desk, orderCounts }))
  const streamLimits = limits
  const wall = createWallTimer()
  const closeSockets = serveSockets(server, {
    world,
    wall,
    desk,
    limits: rates,
    operations,
    sockets,
    streamLimits,
    accountOfListenKey: listenKeys.accountOf,
  })
  const controlToken = Buffer.from(entropy(32)).toString('base64url')
  const control = createHttpDoor(serveControl(controlActs({ world, clock, sockets, keys }), controlToken))
  try {
    const port = await listen(server, options.port)
    const controlPort = await listen(control, options.controlPort)
    return {
      port,
      controlPort,
      controlToken,
      sockets,
      faults,
      keys,
      async close() {
        closeSockets()
        await Promise.all([shut(server), shut(control)])
      },
    }
  } catch (error) {
    closeSockets()
    await Promise.all([shut(server), shut(control)])
    throw error
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is taken' : `cannot be opened (${cause.code})`
      reject(
        new BarfinexError('options.invalid', `The port ${port} of the venue ${why}. Choose another, or 0.`, { cause }),
      )
    }
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve()
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
