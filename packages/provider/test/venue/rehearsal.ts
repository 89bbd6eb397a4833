import net from 'node:net'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { createVenue, type Venue } from '../../src/venue/index.js'

const reallyConnect = net.Socket.prototype.connect

/**
 * A venue for the tests of one published client, opened before them and closed after. Every address the client dials is written
 * down, and none may be outside of this machine.
 */
export function rehearse(): { readonly venue: () => Venue } {
  const dialled: string[] = []
  let venue: Venue | undefined
  beforeAll(async () => {
    net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
      const given: unknown = Array.isArray(args[0]) ? (args[0] as readonly unknown[])[0] : args[0]
      const { host, path } = Object(given) as { host?: string; path?: string }
      dialled.push(path ?? host ?? 'localhost')
      return Reflect.apply(reallyConnect, this, args) as net.Socket
    } as typeof reallyConnect
    // A lively market: the streams of a test do not wait for it.
    venue = await createVenue({ seed: 7, historyDays: 2, ticksPerMinute: 200 })
    trade(venue)
  })
  afterAll(async () => {
    net.Socket.prototype.connect = reallyConnect
    await venue?.close()
    expect(dialled.length).toBeGreaterThan(0)
    expect(dialled.filter((it) => !/^(localhost|127\.0\.0\.1|::1|\/.*)$/.test(it))).toEqual([])
  })
  return {
    venue: () => {
      if (venue === undefined) throw new Error('the venue is not open yet')
      return venue
    },
  }
}

/** Somebody trades four times a second for as long as the venue is open. */
function trade(venue: Venue): void {
  const { world } = venue
  world.after(250, () => {
    const price = world.book('spot', 'BTCUSDT').asks[0]?.[0]
    if (price !== undefined) world.printTrade('spot', 'BTCUSDT', price, '0.001', 'BUY')
    trade(venue)
  })
}

/** Waits for something that arrives over a socket. */
export function arrival<T>(look: () => T | undefined, what: string): Promise<T> {
  return vi.waitFor(
    () => {
      const found = look()
      if (found === undefined) throw new Error(`${what} has not arrived`)
      return found
    },
    { timeout: 9_000, interval: 10 },
  )
}

/** A price at which a buy order rests: three quarters of the best bid, on the tick of a cent. */
export function restingPrice(bestBid: string): string {
  return (Math.floor(Number(bestBid) * 75) / 100).toFixed(2)
}
