/** One engine in a process of its own: see run.ts. */

import type { Engine, Outcome } from './engine.js'

export interface Measured {
  /** Median processor time of a pass, milliseconds: all threads, so that collecting garbage counts too. */
  readonly cpuMs: number
  /** Median wall time of a pass, milliseconds. */
  readonly wallMs: number
  /** Most memory the process ever held, megabytes. */
  readonly peakMb: number
  readonly outcome: Outcome
  /** False when two passes came to different ends. */
  readonly repeats: boolean
}

const [name = ''] = process.argv.slice(2)
const { engine } = (await import(`./engines/${name}.ts`)) as { readonly engine: Engine }
const outcome = await engine.run()
const wanted = JSON.stringify(outcome)
const cpuMs: number[] = []
const wallMs: number[] = []
let repeats = true
for (let pass = 0; pass < engine.passes; pass += 1) {
  const cpu = process.cpuUsage()
  const from = performance.now()
  const again = await engine.run()
  wallMs.push(performance.now() - from)
  const { user, system } = process.cpuUsage(cpu)
  cpuMs.push((user + system) / 1_000)
  repeats &&= JSON.stringify(again) === wanted
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!
}

const measured: Measured = {
  cpuMs: median(cpuMs),
  wallMs: median(wallMs),
  peakMb: Math.round(process.resourceUsage().maxRSS / 1_024),
  outcome,
  repeats,
}
process.stdout.write(`${JSON.stringify(measured)}\n`)
