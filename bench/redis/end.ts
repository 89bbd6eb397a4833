/** One end of a wire in a process of its own: `say|hear|say-paced|hear-paced NAME URL COUNT`. See run.ts. */

import { waveSize } from './event.js'
import { type WireName, wires } from './wires.js'

export interface Said {
  /** Processor time of this end, microseconds per event. */
  readonly cpu: number
}

export interface Heard extends Said {
  /** Wall time. */
  readonly perSecond: number
  /** Every event came once, in order. */
  readonly isWhole: boolean
  /** From saying to handling, microseconds; only of paced events. */
  readonly p50: number
  readonly p99: number
}

const [role = '', name = '', url = '', countText = ''] = process.argv.slice(2)
const count = Number(countText)
/** A paced event is numbered by the instant at which it was said, in microseconds of the machine's clock within this span. */
const span = 8_000_000
const instant = () => Number((process.hrtime.bigint() / 1_000n) % BigInt(span))
const warmCount = Math.floor(count / 5)
const wire = await wires[name as WireName](url)

let cpuBegun = process.cpuUsage()
let begun = performance.now()

function begin(): void {
  cpuBegun = process.cpuUsage()
  begun = performance.now()
}

function cpuPerEvent(): number {
  const { user, system } = process.cpuUsage(cpuBegun)
  return (user + system) / (count - warmCount)
}

function tell(result: Said | Heard): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

async function say(): Promise<void> {
  for (let from = 1; from <= count; from += waveSize) {
    if (from > warmCount && from - waveSize <= warmCount) begin()
    await wire.say(Array.from({ length: Math.min(waveSize, count - from + 1) }, (_, index) => from + index))
  }
  tell({ cpu: cpuPerEvent() })
}

async function sayPaced(): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    wire.tell(instant() + 1)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  tell({ cpu: cpuPerEvent() })
}

async function hear(isPaced: boolean): Promise<void> {
  const latencies: number[] = []
  let heard = 0
  let isWhole = true
  const finish = () => {
    const perSecond = ((count - warmCount) * 1_000) / (performance.now() - begun)
    const sorted = Float64Array.from(latencies.slice(warmCount)).sort()
    const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
    tell({ cpu: cpuPerEvent(), perSecond, isWhole, p50: at(0.5), p99: at(0.99) })
  }
  await wire.hear((number) => {
    heard += 1
    if (isPaced) latencies.push((instant() + span - (number - 1)) % span)
    else if (number !== heard) isWhole = false
    if (heard === warmCount) begin()
    if (heard === count) finish()
  })
  process.stdout.write('ready\n')
}

if (role === 'say') await say()
else if (role === 'say-paced') await sayPaced()
else await hear(role === 'hear-paced')
// The other end may still need this one: both are ended from outside.
