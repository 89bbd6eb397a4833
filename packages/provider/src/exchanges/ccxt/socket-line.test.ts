import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createRandom, createVirtualClock } from '@barfinex/core'
import { afterEach, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { SocketLine } from './socket-line.js'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** A server that keeps what comes, and a line to it on a virtual clock. */
async function given() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false })
  await once(server, 'listening')
  const clock = createVirtualClock({ startAt: 0 })
  const sockets: WebSocket[] = []
  const said: string[] = []
  const pings: number[] = []
  server.on('connection', (socket, _request) => {
    const number = sockets.push(socket)
    socket.on('ping', () => pings.push(number))
    socket.on('message', (text) => said.push(`server ${number} hears ${text}`))
  })
  const line = new SocketLine({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clock,
    random: createRandom(1),
    pingMs: 10_000,
    openMs: 2_000,
    onOpen: (send) => {
      said.push('open')
      send('hello')
    },
    onText: (text) => said.push(text),
    onCut: () => said.push('cut'),
  })
  open.push(async () => {
    line.stop()
    for (const socket of server.clients) socket.terminate()
    await new Promise((resolve) => server.close(resolve))
  })
  const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 5_000, interval: 2 })
  /** Lets time pass until the condition holds. */
  const passUntil = async (condition: () => boolean, stepMs = 250) => {
    while (!condition()) {
      await clock.advanceBy(stepMs)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  line.start()
  await until(() => said.includes('server 1 hears hello'))
  return { line, clock, sockets, said, pings, until, passUntil }
}

test('a line that is cut is dialed again, after a wait that grows', async () => {
  const { clock, sockets, said, until, passUntil } = await given()
  const waits: number[] = []
  for (let cut = 1; cut <= 8; cut += 1) {
    sockets.at(-1)?.terminate()
    await until(() => said.filter((it) => it === 'cut').length === cut)
    const from = clock.now()
    await passUntil(() => said.filter((it) => it === 'open').length === cut + 1)
    waits.push(clock.now() - from)
    await until(() => said.includes(`server ${cut + 1} hears hello`))
  }
  expect(waits[0]).toBeLessThanOrEqual(1_000)
  // Binance allows 300 dials in 5 minutes: two lines that are cut at once, again and again, stay below.
  expect(waits.slice(-2).every((it) => it >= 5_000)).toBe(true)
})

test('F13: a line that looks open and is dead is noticed by the second ping', async () => {
  const { clock, said, pings, until, passUntil } = await given()
  await clock.advanceBy(10_000)
  await until(() => pings.length === 1)
  expect(said).not.toContain('cut')
  await clock.advanceBy(10_000)
  await until(() => said.includes('cut'))
  await passUntil(() => said.includes('server 2 hears hello'))
})

test('a line that is only quiet is kept', async () => {
  const { clock, sockets, said, pings, until } = await given()
  for (let ping = 1; ping <= 5; ping += 1) {
    await clock.advanceBy(10_000)
    await until(() => pings.length === ping)
    const heard = said.length
    sockets[0]?.send('still here')
    await until(() => said.length > heard)
  }
  expect(said).not.toContain('cut')
})

test('F12: a line whose end is announced has a successor before it goes, and hears both meanwhile', async () => {
  const { line, clock, sockets, said, until } = await given()
  line.renew()
  line.renew()
  await until(() => said.includes('server 2 hears hello'))
  sockets[0]?.send('from the old one')
  sockets[1]?.send('from the new one')
  await until(() => said.includes('from the old one') && said.includes('from the new one'))
  await clock.advanceBy(2_000)
  await until(() => sockets[0]?.readyState === 3)
  expect(sockets).toHaveLength(2)
  expect(said).not.toContain('cut')
})

test('a stopped line is silent and stays so', async () => {
  const { line, clock, sockets, said, until } = await given()
  sockets[0]?.send('last words')
  line.stop()
  await until(() => sockets[0]?.readyState === 3)
  await clock.advanceBy(600_000)
  expect(said).toEqual(['open', 'server 1 hears hello'])
  expect(sockets).toHaveLength(1)
})
