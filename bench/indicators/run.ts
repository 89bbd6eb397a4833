/**
 * Streaming indicators against the npm libraries that have them, and against the limit. `npx tsx bench/indicators/run.ts`
 *
 * A million candles of a seeded random walk, one `update` per candle: SMA, EMA and Bollinger bands over 20, RSI, ATR and ADX over
 * 14, MACD over 12, 26 and 9. Every case runs in a process of its own, ours, the peers and the limit in turn, three
 * rounds; a figure is the best round's median of nine passes, in processor time. Peers that are many times slower run once.
 *
 * The last value is checked: ours and the limit's must be the golden one, a peer's is compared with it and a difference told
 * (some round, or take another standard deviation). Ours must leave nothing on the heap: no object, no boxed number. The limit
 * is a class written for the purpose that checks no input, cannot be reset and drifts.
 *
 * Exits 1 when a value is wrong, something is left on the heap, or a stated ratio is missed. A peer that cannot be loaded is named
 * and left out. Absolute times are of the machine at hand.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measured, Missing } from './case.js'

const caseFile = fileURLToPath(new URL('./case.ts', import.meta.url))
const rounds = 3
/** Files of `libraries/`. */
const contenders = ['barfinex', 'limit', 'junduck', 'debut'] as const
const slowPeers = ['trading-signals', 'technicalindicators'] as const
type Library = (typeof contenders)[number] | (typeof slowPeers)[number]

/** Last value per indicator; the middle one of three implementations written apart agrees to all digits shown. */
const golden: Readonly<Record<string, number>> = {
  sma: 53398.462826,
  ema: 53394.974789,
  rsi: 46.671519,
  macd: -0.095271,
  atr: 56.220981,
  bollinger: 53539.667439,
  adx: 17.253902,
}
const names = Object.keys(golden)

/** What is claimed against the fastest peer: each indicator, all in the geometric mean, and the seven together on a candle. */
const claims = { each: 1.25, mean: 1.8, together: 1.5 }
const passes = 9
const heapBytesAtMost = 64 * 1024

let missed = 0

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function miss(line: string): void {
  missed += 1
  say(line)
}

function measure(library: Library, name: string, passCount: number): Measured | Missing {
  const command = ['--import', 'tsx', caseFile, library, name, String(passCount)]
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' })) as Measured | Missing
}

function check(library: Library, name: string, { last, heapBytes, collections }: Measured): void {
  const wanted = golden[name]
  if (wanted === undefined) return
  if (Math.abs(last - wanted) > 1e-6) {
    const line = `${library} ends at ${last}, not ${wanted}`
    if (library === 'barfinex' || library === 'limit') miss(`  WRONG: ${line}`)
    else say(`  ${line}`)
  }
  if (library === 'barfinex' && (heapBytes > heapBytesAtMost || collections > 0)) {
    miss(`  LEFT BEHIND: ${heapBytes} bytes and ${collections} collections in a million updates`)
  }
}

/** Runs all libraries on one indicator; returns how many times faster than the fastest peer ours is. */
function compare(name: string): number {
  say(`\n${name}`)
  const nanos = new Map<Library, number[]>()
  const missing = new Set<Library>()
  const run = (library: Library, passCount: number) => {
    if (missing.has(library)) return
    const measured = measure(library, name, passCount)
    if ('missing' in measured) {
      missing.add(library)
      say(`  ${library} is left out: ${measured.missing}`)
      return
    }
    if (!nanos.has(library)) check(library, name, measured)
    nanos.set(library, [...(nanos.get(library) ?? []), measured.nanos])
  }
  for (let round = 0; round < rounds; round += 1) for (const library of contenders) run(library, passes)
  if (name in golden) for (const library of slowPeers) run(library, 1)

  const best = (library: Library) => Math.min(...(nanos.get(library) ?? []))
  const peers = [...nanos.keys()].filter((library) => library !== 'barfinex' && library !== 'limit')
  for (const library of nanos.keys()) say(`  ${library.padEnd(22)} ${best(library).toFixed(1).padStart(8)} ns/update`)
  const fastest = peers.reduce((one, other) => (best(other) < best(one) ? other : one))
  const ratio = best(fastest) / best('barfinex')
  const wanted = name in golden ? claims.each : claims.together
  const line = `  ${ratio.toFixed(2)}x as fast as ${fastest}, at least ${wanted}x: `
  if (ratio < wanted) miss(`${line}MISSED`)
  else say(`${line}ok`)
  say(`  ${(best('barfinex') / best('limit')).toFixed(2)}x the time of the limit`)
  return ratio
}

const ratios = names.map(compare)
const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
compare('all')
const unknown = measure('barfinex', 'all-unknown', passes)
if ('nanos' in unknown) say(`  ${unknown.nanos.toFixed(1)} ns when fed as rows, without knowing which is which`)
const line = `\ngeometric mean of the seven: ${mean.toFixed(2)}x the fastest peer, at least ${claims.mean}x: `
if (mean < claims.mean) miss(`${line}MISSED`)
else say(`${line}ok`)
process.exit(missed === 0 ? 0 : 1)
