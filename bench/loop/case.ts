/** One engine in a process of its own: see run.ts. */

import type { Engine, Outcome } from './engine.js'
import { Stopwatch, type Timings } from './stopwatch.js'

export interface Measured extends Timings {
  /** Processor time of the whole pass per event, microseconds: the exchange's own work included. */
  readonly cpuPerEvent: number
  readonly outcome: Outcome
  /** False when two passes sent different orders. */
  readonly repeats: boolean
}

const [name = ''] = process.argv.slice(2)
const { engine } = (await import(`./engines/${name}.ts`)) as { readonly engine: Engine }
const outcome = await engine.run(new Stopwatch())
const stopwatch = new Stopwatch()
const cpu = process.cpuUsage()
const again = await engine.run(stopwatch)
const { user, system } = process.cpuUsage(cpu)
const measured: Measured = {
  ...stopwatch.read(),
  cpuPerEvent: (user + system) / outcome.events,
  outcome,
  repeats: JSON.stringify(again) === JSON.stringify(outcome),
}
process.stdout.write(`${JSON.stringify(measured)}\n`)
