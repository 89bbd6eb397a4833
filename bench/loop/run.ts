/**
 * From a market event to an order, in one process and without a language model. `npx tsx bench/loop/run.ts`
 *
 * The same 340,000 frames for all: quotes, trades and closed candles of 20,000 minutes, as JSON text. Time runs from the text to
 * the moment when everything that follows from it at once has been done, and for an order to the moment when it has left.
 * Every engine runs in a process of its own, in turn, one pass to warm up and one to time, three rounds; a figure is the median
 * of the rounds. `event` times are wall time of single events, so other work on the machine shows in their 99th percentile.
 *
 * `rx` is the way bots are usually wired: JSON, a zod schema, RxJS operators, one rule, three limits. `by-hand` does the same without
 * schema and operators. `typescript` and `onnxruntime` are the desk: provider checks each event and builds candles, the
 * detector judges each close, and a signal walks through the advisor's eight stages (conviction by our own evaluator or by ONNX
 * Runtime), sizing, eight policies and the seal to the exchange's door, everything journalled; then its trade is protected. So an
 * order of the desk has nothing in common with an order of the others but that it is one.
 *
 * Checked: equal orders in every pass and round, equal orders of `rx` and `by-hand`, no broken invariant. Exits 1 when a result is
 * wrong or a stated ratio is missed. Absolute times are of the machine at hand.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measured } from './case.js'

const caseFile = fileURLToPath(new URL('./case.ts', import.meta.url))
const rounds = 3
const names = ['by-hand', 'rx', 'typescript', 'onnxruntime'] as const
type Name = (typeof names)[number]

/** What is claimed, as times of the chain of `rx`. */
const claims = {
  /** The usual event, a quote or a trade, takes the desk no longer than this. */
  usualEvent: 1.4,
  /** Of all events, candles and their consequences included: processor time. */
  allEvents: 9,
}

let missed = 0

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function hold(isHeld: boolean, line: string): void {
  if (!isHeld) missed += 1
  say(`  ${isHeld ? 'ok    ' : 'MISSED'} ${line}`)
}

const measured = new Map<Name, Measured[]>(names.map((name) => [name, []]))
for (let round = 0; round < rounds; round += 1) {
  for (const name of names) {
    const command = ['--import', 'tsx', caseFile, name]
    measured.get(name)?.push(JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' })) as Measured)
  }
}

function median(name: Name, of: (it: Measured) => number): number {
  const values = (measured.get(name) ?? []).map(of).sort((a, b) => a - b)
  return values[values.length >> 1]!
}

say('                          event, µs            order, µs       processor, all work')
say('engine              p50       p99        p50       p99   µs/event  events/s   orders')
for (const name of names) {
  const columns = [
    median(name, ({ event }) => event.p50).toFixed(2),
    median(name, ({ event }) => event.p99).toFixed(1),
    median(name, ({ order }) => order.p50).toFixed(1),
    median(name, ({ order }) => order.p99).toFixed(0),
    median(name, ({ cpuPerEvent }) => cpuPerEvent).toFixed(2),
    Math.round(1e6 / median(name, ({ cpuPerEvent }) => cpuPerEvent)).toLocaleString('en'),
    String(measured.get(name)?.[0]?.orderCount),
  ]
  say(`${name.padEnd(13)} ${columns.map((it) => it.padStart(9)).join(' ')}`)
}

say('\nresults')
for (const name of names) {
  const all = measured.get(name) ?? []
  const hashes = new Set(all.map(({ outcome }) => outcome.ordersHash))
  const [first] = all
  const isSound = hashes.size === 1 && all.every((it) => it.repeats) && Number(first?.outcome.orders) > 0
  hold(isSound, `${name}: ${first?.outcome.orders} orders, ${first?.outcome.ordersHash.slice(0, 16)}`)
}
const hashOf = (name: Name) => measured.get(name)?.[0]?.outcome.ordersHash
hold(hashOf('rx') === hashOf('by-hand'), 'rx and by-hand send the same orders')

say('\nclaims')
const usual = median('typescript', ({ event }) => event.p50) / median('rx', ({ event }) => event.p50)
hold(
  usual <= claims.usualEvent,
  `a usual event takes the desk ${usual.toFixed(2)}x of rx, at most ${claims.usualEvent}x`,
)
const all = median('typescript', ({ cpuPerEvent }) => cpuPerEvent) / median('rx', ({ cpuPerEvent }) => cpuPerEvent)
hold(
  all <= claims.allEvents,
  `all events take ${all.toFixed(1)}x of rx in processor time, at most ${claims.allEvents}x`,
)
const order = median('typescript', (it) => it.order.p50)
say(`\nan order of the desk leaves ${(order / median('rx', (it) => it.order.p50)).toFixed(0)}x later than one of rx`)
say(`ONNX Runtime adds ${(median('onnxruntime', (it) => it.order.p50) - order).toFixed(0)} µs to it`)
process.exit(missed === 0 ? 0 : 1)
