/**
 * Provider's market half against what is possible. `npx tsx bench/market/run.ts`
 *
 * `candles-n`: a million trades into n timeframes, with late-trade check and repair at hand; the limit builds each timeframe from
 * every trade and checks nothing. `book`: a million changes of a book, best bid and ask read after each, twenty levels after every
 * hundredth. `edge`: a million closed candles through the checks, into memory and onto the bus; the limit is the bus alone, and
 * the claim is about the difference.
 *
 * Every case runs in a process of its own, ours and the limit in turn, three rounds; a figure is the median of seven passes in
 * user time, a ratio the median of three rounds. What comes out is checked: both sides must agree, and the book with its
 * golden sum. Exits 1 when a result is wrong or a claim is missed. Absolute times are of the machine at hand.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measured } from './case.js'

const caseFile = fileURLToPath(new URL('./case.ts', import.meta.url))
const rounds = 3
/** Times the limit's time, or nanoseconds above it. */
const claims = {
  'candles-1': { timesAtMost: 1.5 },
  'candles-4': { timesAtMost: 1.4 },
  'candles-8': { timesAtMost: 1.4 },
  book: { timesAtMost: 1.2, golden: 71_998_192_291 },
  edge: { aboveAtMost: 100 },
} as const

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number
}

function measure(name: string): Measured {
  return JSON.parse(
    execFileSync(process.execPath, ['--import', 'tsx', caseFile, name], { encoding: 'utf8' }),
  ) as Measured
}

let missed = 0
for (const [kind, claim] of Object.entries(claims)) {
  const pairs = Array.from({ length: rounds }, () => ({
    ours: measure(`${kind}:ours`),
    limit: measure(`${kind}:limit`),
  }))
  const wrong = pairs.filter(({ ours, limit }) => {
    const wanted = 'golden' in claim ? claim.golden : limit.check
    // Bars that quiet slots and the first partial slot tell apart are no difference in speed.
    return kind.startsWith('candles') ? Math.abs(ours.check - limit.check) > 8 : ours.check !== wanted
  })
  const times = median(pairs.map(({ ours, limit }) => ours.nanos / limit.nanos))
  const above = median(pairs.map(({ ours, limit }) => ours.nanos - limit.nanos))
  const isKept = 'timesAtMost' in claim ? times <= claim.timesAtMost : above <= claim.aboveAtMost
  const stated = 'timesAtMost' in claim ? `at most ${claim.timesAtMost}x` : `at most ${claim.aboveAtMost} ns above`
  if (!isKept || wrong.length > 0) missed += 1
  const ours = median(pairs.map((it) => it.ours.nanos))
  const limit = median(pairs.map((it) => it.limit.nanos))
  process.stdout.write(
    `${kind.padEnd(10)} ours ${ours.toFixed(1).padStart(6)} ns, limit ${limit.toFixed(1).padStart(6)} ns: ${times.toFixed(2)}x, ${above.toFixed(0)} ns above; ${stated}: ${isKept ? 'ok' : 'MISSED'}${wrong.length > 0 ? ' WRONG RESULT' : ''}\n`,
  )
}
process.exit(missed === 0 ? 0 : 1)
