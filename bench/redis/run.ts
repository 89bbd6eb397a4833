/**
 * The Redis bus against ioredis and node-redis, from process to process. `npx tsx bench/redis/run.ts`
 *
 * The same signals (370 bytes as JSON) or closed candles (210) for all, no two alike, in waves of 1,000, from one process to another,
 * through a private server on the loopback without persistence. Each way runs in turn, three rounds; a ratio is the median of the
 * rounds. The first fifth warms up and is not timed. Everything must arrive, once and in order.
 *
 * What is compared is processor time of the busiest of the three: writer, reader, server. Where each has a core of its own that
 * is what bounds the events per second, and other work on the machine counts less. Wall time is printed beside it.
 *
 * What is promised differs, and is more on our side:
 *
 * - `ioredis waves`, `pipeline` and `batches`, `node-redis waves`: at most once. Nothing is checked, no loss is seen.
 * - `bus live`: at most once. Checked against its schema when read, numbered by writer and key, gaps counted, queues bounded.
 * - `ioredis stream` and `stream batches`: at least once, acknowledged after the handler. Nothing is checked, who sends again after a lost
 *   answer has it twice, who dies leaves what it had read to nobody, and nothing is set aside or trimmed.
 * - `bus settled`: at least once, acknowledged after the handler; a frame sent again is known again; checked; one active reader, what it
 *   leaves is taken over, order by key, set aside after five failures, trimmed.
 * - `bus facts`: the same, and each event takes effect once by its id and has an entry of its own. It is here for its price: nothing is claimed.
 *
 * `ioredis pipeline` is the limit of one event a message, `batches` what is to be had by hand with a hundred a message.
 *
 * Exits 1 when something is lost or a stated ratio is missed. Absolute figures are of the machine at hand.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { startRedisServer } from '../../packages/core/src/testing/redis-server.js'
import { buildEnd } from './build-end.js'
import type { Heard, Said } from './end.js'
import { measureHistory } from './history.js'
import { type WireName, wires } from './wires.js'

const endFile = await buildEnd()
const rounds = 3
const eventCount = 200_000
const pacedCount = 5_000
const names = Object.keys(wires) as WireName[]
/** What one event may take at rest, times the same with bare ioredis. */
const longestP50 = 1.6
/** Candles a second of a history, times the same as JSON. */
const fastestHistory = 2

/** What is claimed: times the events per second of processor time of the peer. */
const claims: readonly { readonly ours: WireName; readonly peer: WireName; readonly atLeast: number }[] = [
  { ours: 'signals, bus live', peer: 'signals, ioredis waves', atLeast: 4 },
  { ours: 'signals, bus live', peer: 'signals, node-redis waves', atLeast: 3 },
  { ours: 'signals, bus live', peer: 'signals, ioredis pipeline', atLeast: 2 },
  { ours: 'signals, bus live', peer: 'signals, ioredis batches', atLeast: 1 },
  { ours: 'signals, bus settled', peer: 'signals, ioredis stream', atLeast: 3 },
  { ours: 'signals, bus settled', peer: 'signals, ioredis stream batches', atLeast: 1 },
  { ours: 'candles, bus settled', peer: 'candles, ioredis waves', atLeast: 3 },
  { ours: 'candles, bus settled', peer: 'candles, ioredis stream', atLeast: 3 },
]

interface Measured extends Heard {
  /** Processor time of the busiest of the three, microseconds per event. */
  readonly bound: number
  readonly parts: readonly [writer: number, reader: number, server: number]
}

let missed = 0

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [endFile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
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
process.stdout.write('                                  processor time, µs/event       events/s\n')
process.stdout.write('                                  writer  reader  server   by the busiest   by wall\n')
for (const name of names) {
  const all = measured.get(name) ?? []
  const parts = ([0, 1, 2] as const).map((part) =>
    median(all.map((it) => it.parts[part]))
      .toFixed(2)
      .padStart(7),
  )
  const speeds = [median(all.map(({ bound }) => 1e6 / bound)), median(all.map(({ perSecond }) => perSecond))]
  const columns = speeds.map((it) => Math.round(it).toLocaleString('en').padStart(12))
  process.stdout.write(`${name.padEnd(32)} ${parts.join(' ')} ${columns.join(' ')}\n`)
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
const pacedNames = ['signals, ioredis waves', 'signals, node-redis waves', 'signals, bus live'] as const
const paced = new Map<WireName, Measured[]>(pacedNames.map((name) => [name, []]))
for (let round = 0; round < rounds; round += 1)
  for (const name of pacedNames) paced.get(name)?.push(await measure(name, pacedCount, '-paced'))
for (const [name, all] of paced) {
  const [p50, p99] = [median(all.map((it) => it.p50)), median(all.map((it) => it.p99))]
  process.stdout.write(
    `${name.padEnd(32)} p50 ${p50.toFixed(0).padStart(5)} µs   p99 ${p99.toFixed(0).padStart(6)} µs\n`,
  )
}
const [bare = [], , own = []] = [...paced.values()]
const slower = median(own.map(({ p50 }, round) => p50 / (bare[round] as Measured).p50))
if (slower > longestP50) missed += 1
const verdict = slower > longestP50 ? 'MISSED' : 'ok'
process.stdout.write(`bus live / ioredis, p50: ${slower.toFixed(2)}x, at most ${longestP50}x: ${verdict}\n`)
process.stdout.write('\na history of 10,000 candles, asked and answered in one process, wall time\n')
const histories: (readonly [own: number, peer: number])[] = []
for (let round = 0; round < rounds; round += 1) {
  const server = await startRedisServer({ appendOnly: 'off' })
  const [own, peer] = await measureHistory(server.url)
  histories.push([own.perSecond, peer.perSecond])
  await server.close()
}
const historyRatio = median(histories.map(([own, peer]) => own / peer))
if (historyRatio < fastestHistory) missed += 1
for (const [index, way] of (['history, bus', 'history, ioredis JSON'] as const).entries()) {
  const perSecond = median(histories.map((it) => it[index] as number))
  process.stdout.write(`${way.padEnd(32)} ${Math.round(perSecond).toLocaleString('en')} candles/s\n`)
}
process.stdout.write(
  `history, bus / ioredis JSON: ${historyRatio.toFixed(2)}x, at least ${fastestHistory}x: ${historyRatio < fastestHistory ? 'MISSED' : 'ok'}\n`,
)
process.exit(missed === 0 ? 0 : 1)
