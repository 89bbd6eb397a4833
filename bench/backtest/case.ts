/** One engine in a process of its own: see run.ts. */

import type { Engine, Outcome } from './engine.js'

export interface Measured {
  /** Mean processor time of a pass, milliseconds: all threads, so that collecting garbage counts too. */
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
const wallMs: number[] = []
let repeats = true
// Over all passes at once: the kernel counts processor time in steps that are long beside the fastest of them.
const before = process.cpuUsage()
for (let pass = 0; pass < engine.passes; pass += 1) {
  const from = performance.now()
  const again = await engine.run()
  wallMs.push(performance.now() - from)
  repeats &&= JSON.stringify(again) === wanted
}
const { user, system } = process.cpuUsage(before)
const measured: Measured = {
  cpuMs: (user + system) / 1_000 / engine.passes,
  wallMs: wallMs.sort((a, b) => a - b)[wallMs.length >> 1]!,
  peakMb: Math.round(process.resourceUsage().maxRSS / 1_024),
  outcome,
  repeats,
}
process.stdout.write(`${JSON.stringify(measured)}\n`)
