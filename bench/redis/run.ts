/**
 * The Redis bus against ioredis and node-redis, from process to process. `npx tsx bench/redis/run.ts`
 *
 * The same signal (370 bytes as JSON) or closed candle (210) for all, in waves of 1,000, from one process to another, through a
 * private server on the loopback without persistence. Each way runs in turn, three rounds; a ratio is the median of the rounds.
 * The first fifth warms up and is not timed. Everything must arrive, once and in order.
 *
 * What is compared is processor time of the busiest of the three: writer, reader, server. Where each has a core of its own that
 * is what bounds the events per second, and other work on the machine counts less. Wall time is printed beside it.
 *
 * `bus live` is ours for live data: checked against its schema when read, numbered by writer and key, gaps counted. `bus settled` is in a
 * stream before it is handled, read by a group with one active member, acknowledged after its handler; candles travel as records.
 * The peers do what their documentation shows, and check nothing. `ioredis pipeline` is the limit for one event a message.
 *
 * Exits 1 when something is lost or a stated ratio is missed. Absolute figures are of the machine at hand.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { startRedisServer } from '../../packages/core/src/testing/redis-server.js'
import type { Heard, Said } from './end.js'
import { type WireName, wires } from './wires.js'

const endFile = fileURLToPath(new URL('./end.ts', import.meta.url))
const rounds = 3
const eventCount = 40_000
const pacedCount = 1_000
const names = Object.keys(wires) as WireName[]

/** What is claimed: times the events per second of processor time of the peer. */
const claims: readonly { readonly ours: WireName; readonly peer: WireName; readonly atLeast: number }[] = [
  { ours: 'signals, bus live', peer: 'signals, ioredis waves', atLeast: 1.1 },
  { ours: 'signals, bus live', peer: 'signals, node-redis waves', atLeast: 1.5 },
  { ours: 'signals, bus live', peer: 'signals, ioredis pipeline', atLeast: 0.8 },
  { ours: 'signals, bus settled', peer: 'signals, ioredis stream', atLeast: 1.2 },
  { ours: 'candles, bus settled', peer: 'candles, ioredis waves', atLeast: 1.6 },
  { ours: 'candles, bus settled', peer: 'candles, ioredis stream', atLeast: 1.9 },
]

interface Measured extends Heard {
  /** Processor time of the busiest of the three, microseconds per event. */
  readonly bound: number
  readonly parts: readonly [writer: number, reader: number, server: number]
}

let missed = 0

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', endFile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

function linesOf(child: ChildProcess): AsyncIterator<string> {
  return createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
}

async function lineOf<Line>(lines: AsyncIterator<string>): Promise<Line> {
  const { value, done } = await lines.next()
  if (done) throw new Error('One end of a wire has ended before its time: see above.')
  return JSON.parse(value) as Line
}

async function serverMicros(redis: Redis): Promise<number> {
  const text = await redis.info('cpu')
  const of = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(text)?.[1] ?? 0)
  return (of('used_cpu_user') + of('used_cpu_sys')) * 1e6
}

/** Both ends of one way, on a server of their own. */
async function measure(name: WireName, count: number, pace: '' | '-paced'): Promise<Measured> {
  const server = await startRedisServer({ appendOnly: 'off' })
  const admin = new Redis(server.url)
  const ends: ChildProcess[] = []
  try {
    const hearing = start(`hear${pace}`, name, server.url, String(count))
    ends.push(hearing)
    const heardLines = linesOf(hearing)
    await heardLines.next()
    const before = await serverMicros(admin)
    const saying = start(`say${pace}`, name, server.url, String(count))
    ends.push(saying)
    const [said, heard] = await Promise.all([lineOf<Said>(linesOf(saying)), lineOf<Heard>(heardLines)])
    const served = ((await serverMicros(admin)) - before) / count
    const parts = [said.cpu, heard.cpu, served] as const
    return { ...heard, parts, bound: Math.max(...parts) }
  } finally {
    for (const end of ends) end.kill('SIGKILL')
    admin.disconnect()
    await server.close()
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number
}

const measured = new Map<WireName, Measured[]>(names.map((name) => [name, []]))
for (let round = 0; round < rounds; round += 1) {
  for (const name of names) {
    const one = await measure(name, eventCount, '')
    if (!one.isWhole) {
      missed += 1
      process.stdout.write(`LOST OR OUT OF ORDER: ${name}\n`)
    }
    measured.get(name)?.push(one)
  }
}
process.stdout.write('                            processor time, µs/event       events/s\n')
process.stdout.write('                            writer  reader  server   by the busiest   by wall\n')
for (const name of names) {
  const all = measured.get(name) ?? []
  const parts = ([0, 1, 2] as const).map((part) =>
    median(all.map((it) => it.parts[part]))
      .toFixed(2)
      .padStart(7),
  )
  const speeds = [median(all.map(({ bound }) => 1e6 / bound)), median(all.map(({ perSecond }) => perSecond))]
  const columns = speeds.map((it) => Math.round(it).toLocaleString('en').padStart(12))
  process.stdout.write(`${name.padEnd(26)} ${parts.join(' ')} ${columns.join(' ')}\n`)
}
process.stdout.write('\n')
for (const { ours, peer, atLeast } of claims) {
  const of = (name: WireName) => (measured.get(name) ?? []).map(({ bound }) => bound)
  const ratio = median(of(peer).map((bound, round) => bound / (of(ours)[round] as number)))
  if (ratio < atLeast) missed += 1
  const verdict = ratio < atLeast ? 'MISSED' : 'ok'
  process.stdout.write(`${ours} / ${peer}: ${ratio.toFixed(2)}x, at least ${atLeast}x: ${verdict}\n`)
}

process.stdout.write('\none event a millisecond, from saying to handling, wall time\n')
for (const name of ['signals, ioredis waves', 'signals, node-redis waves', 'signals, bus live'] as const) {
  const all: Measured[] = []
  for (let round = 0; round < rounds; round += 1) all.push(await measure(name, pacedCount, '-paced'))
  const [p50, p99] = [median(all.map((it) => it.p50)), median(all.map((it) => it.p99))]
  process.stdout.write(
    `${name.padEnd(26)} p50 ${p50.toFixed(0).padStart(5)} µs   p99 ${p99.toFixed(0).padStart(6)} µs\n`,
  )
}
process.exit(missed === 0 ? 0 : 1)
