/**
 * How a daemon's start grows with its journal. `npx tsx bench/journal/run.ts`
 *
 * Writes what Provider's journal gets when its gateway is on (it hears everything) and one symbol is traded by one strategy: 1,850
 * messages and 2 MB a day. Then starts on it, each time in a process of its own: from the newest checkpoint, and without
 * checkpoints, as it was before there were any. A start is opening, checking, and reading what the service has to know.
 *
 * Checked: both know the same fills, and the same hash of the journal. Exits 1 when they do not, or when a stated bound is missed.
 * Times and memory are of the machine at hand.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Start } from './case.js'
import { daysInYear } from './year.js'

const caseFile = fileURLToPath(new URL('./case.ts', import.meta.url))
/** What is claimed: a start after a year takes at most this part of reading it all, and at most this much more memory than after a month. */
const claims = { shareOfWhole: 0.25, memoryGrowth: 2 }
let missed = 0

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function hold(isHeld: boolean, line: string): void {
  if (!isHeld) missed += 1
  say(`  ${isHeld ? 'ok    ' : 'MISSED'} ${line}`)
}

function run(...words: readonly string[]): string {
  return execFileSync(process.execPath, ['--import', 'tsx', caseFile, ...words], { encoding: 'utf8' })
}

function dropCheckpoints(directory: string): void {
  for (const name of readdirSync(directory)) if (name.startsWith('checkpoint')) rmSync(join(directory, name))
}

function row(label: string, it: Start): void {
  const cells = [it.ms, it.residentMb, it.readCount].map((value) => value.toFixed(0).padStart(12))
  say(`${label.padEnd(28)}${cells.join('')}`)
}

say('                                  start, ms  memory, MB   read again')
const checkpointed: Start[] = []
for (const days of [30, daysInYear]) {
  const directory = mkdtempSync(join(tmpdir(), 'barfinex-bench-journal-'))
  try {
    run('write', directory, String(days))
    const names = readdirSync(directory).filter((name) => name.endsWith('.log'))
    const sizeOf = (prefix: string) =>
      names.filter((it) => it.startsWith(prefix)).reduce((sum, it) => sum + statSync(join(directory, it)).size, 0) / 1e6
    const fast = JSON.parse(run('start', directory)) as Start
    checkpointed.push(fast)
    say(
      `${days} days: ${fast.recordCount} messages, ${sizeOf('journal').toFixed(0)} MB, checkpoints ${sizeOf('checkpoint').toFixed(0)} MB`,
    )
    row('  from the checkpoint', fast)
    dropCheckpoints(directory)
    const whole = JSON.parse(run('start', directory)) as Start
    row('  from the first record', whole)
    hold(fast.hash === whole.hash && fast.fillCount === whole.fillCount, 'both know the same')
    if (days !== daysInYear) continue
    hold(fast.ms <= claims.shareOfWhole * whole.ms, `a year: at most ${claims.shareOfWhole} of reading it all`)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
const [month, year] = checkpointed as [Start, Start]
hold(
  year.residentMb <= claims.memoryGrowth * month.residentMb,
  `memory after a year: at most ${claims.memoryGrowth} times a month's`,
)
process.exitCode = missed === 0 ? 0 : 1
