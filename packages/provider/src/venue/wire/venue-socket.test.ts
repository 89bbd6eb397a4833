import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createRandom, createVirtualClock, createWallTimer } from '@barfinex/core'
import { afterEach, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createVenueFaults } from '../venue-faults.js'
import { VenueSocket } from './venue-socket.js'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Both ends of a socket on a virtual clock, with nothing else that happens. */
async function connected(autoPong: boolean) {
  const clock = createVirtualClock()
  const world = {
    now: () => clock.now(),
    after: (ms: number, task: () => void) => clock.schedule(clock.now() + ms, task),
    faults: createVenueFaults(createRandom(7)),
  }
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, autoPong: false })
  await once(server, 'listening')
  const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { autoPong })
  const venueSide = await accepted
  const seen = { pings: 0, pongs: 0, closedWith: 0, wall: 0 }
  const socket = new VenueSocket(venueSide, 'market', world, { ...createWallTimer(), now: () => seen.wall })
  venueSide.on('pong', () => {
    seen.pongs += 1
  })
  client.on('ping', () => {
    seen.pings += 1
  })
  client.on('close', (code) => {
    seen.closedWith = code
  })
  if (client.readyState !== client.OPEN) await once(client, 'open')
  ends.push(() => {
    client.terminate()
    server.close()
  })
  return { clock, client, socket, seen }
}

it('pings every 20 s and closes at 24 h', async () => {
  const { clock, seen } = await connected(true)
  for (let ping = 1; ping <= 5; ping += 1) {
    await clock.advanceTo(ping * 20_000 - 1)
    expect(seen.pings).toBe(ping - 1)
    await clock.advanceBy(1)
    await vi.waitFor(() => expect(seen.pongs).toBe(ping), { timeout: 9_000, interval: 2 })
  }
  // A leap sends what a client can answer, not four thousand pings at once.
  await clock.advanceTo(86_400_000 - 1)
  await vi.waitFor(() => expect(seen.pings).toBeGreaterThan(5), { timeout: 9_000 })
  expect(seen.closedWith).toBe(0)
  await clock.advanceBy(1)
  await vi.waitFor(() => expect(seen.closedWith).toBe(1001), { timeout: 9_000 })
})

it('drops who has been silent for a minute, and had the time to answer', async () => {
  const { clock, seen } = await connected(false)
  // A leap of the clock alone proves nothing.
  await clock.advanceBy(120_000)
  expect(seen.closedWith).toBe(0)
  seen.wall += 2_000
  await clock.advanceBy(20_000)
  await vi.waitFor(() => expect(seen.closedWith).toBe(1006), { timeout: 9_000 })
})

it('lets go of a client that never reads', async () => {
  const { client, socket } = await connected(true)
  let isOpen = true
  socket.onClose(() => {
    isOpen = false
  })
  client.pause()
  const frame = 'x'.repeat(1_048_576)
  // What the machine buffers for a connection comes on top.
  for (let sent = 0; sent < 64; sent += 1) socket.send(frame)
  await vi.waitFor(() => expect(isOpen).toBe(false), { timeout: 9_000 })
})
