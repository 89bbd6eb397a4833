/**
 * The in-process bus against an RxJS Subject and against the limit. `npx tsx bench/bus/run.ts`
 *
 * Every case runs in a process of its own, ours, the peer and the limit in turn, three rounds; a figure is the best of fifteen
 * passes (what else runs on the machine only adds), a ratio the median of three rounds. Readers add one number of the message to
 * a cell of their own; the sums are checked. Exits 1 when a sum is wrong or a stated ratio is missed.
 *
 * `watch` is the stated claim: like a Subject it hands over the payload alone (and routes by key, counts sequences, keeps the
 * breadth-first order and isolates faults). `envelope` makes a named, caused, numbered message for each event; `candle` does so
 * on a channel whose key must be put together. Absolute times are of the machine at hand.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Measured {
  readonly nanos: number
  readonly received: number
  readonly wanted: number
}

const caseFile = fileURLToPath(new URL('./case.ts', import.meta.url))
const rounds = 3
const readerCounts = [1, 5, 20] as const
const names = ['rx', 'watch', 'limit', 'envelope', 'candle', 'rx-symbols', 'watch-symbols'] as const
type Name = (typeof names)[number]

/** What is claimed: times faster than the peer, by number of readers. */
const claims: readonly { readonly ours: Name; readonly peer: Name; readonly atLeast: readonly number[] }[] = [
  { ours: 'watch', peer: 'rx', atLeast: [5, 10, 10] },
  { ours: 'envelope', peer: 'rx', atLeast: [1.5, 3, 8] },
  { ours: 'watch-symbols', peer: 'rx-symbols', atLeast: [1.2, 2, 3] },
]

let missed = 0

function measure(name: Name, readerCount: number): number {
  const output = execFileSync(process.execPath, ['--import', 'tsx', caseFile, name, String(readerCount)], {
    encoding: 'utf8',
  })
  const { nanos, received, wanted } = JSON.parse(output) as Measured
  if (received !== wanted) {
    missed += 1
    process.stdout.write(`WRONG SUM ${name} with ${readerCount}: ${received}, not ${wanted}\n`)
  }
  return nanos
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number
}

for (const [column, readerCount] of readerCounts.entries()) {
  const measured = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) measured.get(name)?.push(measure(name, readerCount))
  }
  const of = (name: Name): readonly number[] => measured.get(name) ?? []
  process.stdout.write(`\n${readerCount} reader${readerCount === 1 ? '' : 's'}\n`)
  for (const name of names) {
    const nanos = median(of(name))
    process.stdout.write(
      `  ${name.padEnd(14)} ${nanos.toFixed(1).padStart(7)} ns/event ${(1_000 / nanos).toFixed(1).padStart(7)} M/s\n`,
    )
  }
  for (const { ours, peer, atLeast } of claims) {
    const ratio = median(of(peer).map((nanos, round) => nanos / (of(ours)[round] as number)))
    const wanted = atLeast[column] as number
    if (ratio < wanted) missed += 1
    const verdict = ratio < wanted ? 'MISSED' : 'ok'
    process.stdout.write(`  ${ours} / ${peer}: ${ratio.toFixed(1)}x, at least ${wanted}x: ${verdict}\n`)
  }
  process.stdout.write(
    `  watch / limit: ${(median(of('watch')) / median(of('limit'))).toFixed(2)}x the time of the limit\n`,
  )
}
process.exit(missed === 0 ? 0 : 1)
