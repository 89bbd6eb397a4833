/**
 * A backtest through the whole desk against hand-written loops and an npm peer. `npx tsx bench/backtest/run.ts`
 *
 * One million minutes of a random walk; two averages of the close, 10 and 30 bars, cross 38,965 times. Every engine runs in a
 * process of its own, in turn, one pass to warm up and some to time; the desk's long pass is timed once. A figure is the mean of
 * the passes and the median of three rounds. It is processor time, of all threads, so that other work on the machine counts less.
 *
 * `fused` and `lean` buy and sell one unit at the next open and must come to the golden result. `grademark` makes trades without
 * fees, slippage or equity. Ours does what a desk does: `market-only` takes every candle through provider, detector, advisor and
 * inspector, with a strategy that is judged and never signals; `market-explained` also journals each judgement; `chain` signals
 * at every cross, in both directions, and each signal walks through eight recorded stages to a sizing, a verdict with all
 * policies, sealed orders, fills, and a stop and a target that are kept right. Checked: every candle once, a signal for every
 * cross that `fused` counts, an answer to every intent, no broken invariant, and the same journal hash in both passes.
 *
 * Exits 1 when a result is wrong or a stated bound is missed. Absolute times are of the machine at hand.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measured } from './case.js'
import type { Outcome } from './engine.js'

const caseFile = fileURLToPath(new URL('./case.ts', import.meta.url))
const candles = 1_000_000
const rounds = 3
const names = ['fused', 'lean', 'grademark', 'market-only', 'market-explained'] as const
type Name = (typeof names)[number] | 'chain'

const golden: Readonly<Partial<Record<Name, Outcome>>> = {
  fused: { fills: 38_964, cash: '8091881.9987', drawdown: '0.190812', crosses: 38_965 },
  lean: { fills: 38_964, cash: '8091881.9987', drawdown: '0.190812' },
}
const crosses = 38_965

/** What is claimed. `share` is of the fused loop's speed. */
const claims = {
  share: { lean: 0.4, 'market-only': 0.001, 'market-explained': 0.0008, chain: 0.00005 },
  peakMb: { 'market-only': 300, chain: 900 },
}

let missed = 0

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function hold(isHeld: boolean, line: string): void {
  if (!isHeld) missed += 1
  say(`  ${isHeld ? 'ok    ' : 'MISSED'} ${line}`)
}

function measure(name: Name): Measured {
  const command = ['--import', 'tsx', caseFile, name]
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8', maxBuffer: 1 << 26 })) as Measured
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

function isSound(name: Name, outcome: Outcome): boolean {
  const expected = golden[name]
  if (expected !== undefined) return JSON.stringify(outcome) === JSON.stringify(expected)
  if (name === 'grademark') return Number(outcome['trades']) > 0
  const { signals, decisions, intents, approved, denied, fills, broken } = outcome
  const isQuiet = name !== 'chain'
  return (
    outcome['candles'] === candles &&
    signals === (isQuiet ? 0 : crosses) &&
    decisions === signals &&
    Number(approved) + Number(denied) === intents &&
    Number(fills) > 0 !== isQuiet &&
    broken === 0
  )
}

const measured = new Map<Name, Measured[]>()
for (let round = 0; round < rounds; round += 1) {
  // The long one stands between two rounds of the others, so that they see the same machine.
  for (const name of round === 1 ? ([...names, 'chain'] as const) : names) {
    measured.set(name, [...(measured.get(name) ?? []), measure(name)])
  }
}

const cpuOf = (name: Name): number => median((measured.get(name) ?? []).map(({ cpuMs }) => cpuMs))
const fused = cpuOf('fused')
say(`engine             ns/candle     candles/s     wall ms   peak MB   of fused`)
for (const [name, all] of measured) {
  const cpuMs = cpuOf(name)
  const columns = [
    ((cpuMs * 1e6) / candles).toFixed(1).padStart(10),
    Math.round((candles / cpuMs) * 1_000)
      .toLocaleString('en')
      .padStart(13),
    median(all.map(({ wallMs }) => wallMs))
      .toFixed(0)
      .padStart(11),
    String(Math.max(...all.map(({ peakMb }) => peakMb))).padStart(9),
    `${((100 * fused) / cpuMs).toPrecision(3)} %`.padStart(11),
  ]
  say(`${name.padEnd(17)} ${columns.join(' ')}`)
}

say('\nresults')
for (const [name, all] of measured) {
  const outcome = all[0]?.outcome ?? {}
  const isSame = all.every((it) => it.repeats && JSON.stringify(it.outcome) === JSON.stringify(outcome))
  hold(isSame && isSound(name, outcome), `${name}: ${JSON.stringify(outcome)}`)
}

say('\nclaims')
for (const [name, least] of Object.entries(claims.share)) {
  const share = fused / cpuOf(name as Name)
  hold(share >= least, `${name} reaches ${(100 * share).toPrecision(3)} % of fused, at least ${100 * least} %`)
}
for (const [name, most] of Object.entries(claims.peakMb)) {
  const peak = Math.max(...(measured.get(name as Name) ?? []).map(({ peakMb }) => peakMb))
  hold(peak <= most, `${name} holds ${peak} MB at most, no more than ${most} MB`)
}
const perSignal = ((cpuOf('chain') - cpuOf('market-only')) * 1_000) / crosses
say(`\n${perSignal.toFixed(0)} µs per signal, from the stages to the end of its trade`)
say(`${(cpuOf('market-only') / cpuOf('grademark')).toFixed(1)}x the time of grademark for market-only`)
process.exit(missed === 0 ? 0 : 1)
