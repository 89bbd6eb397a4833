/** One indicator of one library in a process of its own, so that no call site learns of a second class: see run.ts. */

import { PerformanceObserver } from 'node:perf_hooks'
import { randomWalk } from './candles.js'

/**
 * What a library is measured on, by indicator: how an instance is made, and the call that feeds it in the library's own words,
 * with `it` for the instance and `h`, `l`, `c` for the candle. The text is compiled into a loop as if it had been written out.
 */
export type Cases = Readonly<Record<string, readonly [make: () => unknown, update: string]>>

export interface Measured {
  /** Median processor time of an update: a busy machine makes it wait, but not count. */
  readonly nanos: number
  /** The last value. */
  readonly last: number
  /** Heap that a million updates left behind, and collections they caused. */
  readonly heapBytes: number
  readonly collections: number
}

/** A library that could not be loaded, and why. */
export interface Missing {
  readonly missing: string
}

const [library = '', name = '', passText = '5'] = process.argv.slice(2)
const updateCount = 1_000_000
const chunk = 1_000
const warmPasses = 2
/** Sums of all results, so that none can be optimised away. */
const sums: number[] = []

/**
 * Feeds all candles to a new instance and returns the last value. The loop runs over a thousand candles at a time: a function that
 * is called often is compiled with what was learned of the calls inside, one long loop with whatever was known when it began.
 */
function passOf(make: () => unknown, update: string): () => number {
  const { high, low, close } = randomWalk(updateCount, 42)
  const needed = Object.entries({ h: 'high[at]', l: 'low[at]', c: 'close[at]' })
    .filter(([letter]) => new RegExp(`\\b${letter}\\b`).test(update))
    .map(([letter, field]) => `const ${letter} = ${field}`)
  const body = `
    let value = 0
    let sum = 0
    for (let at = from; at < to; at++) {
      ${needed.join('; ')}
      value = ${update}
      if (value === value) sum += value
    }
    out[0] += sum
    out[1] = value`
  const out = new Float64Array(2)
  const bind = new Function('high', 'low', 'close', 'out', `return (it, from, to) => {${body}}`)
  const feed = bind(high, low, close, out) as (it: unknown, from: number, to: number) => void
  return () => {
    const it = make()
    out.fill(0)
    for (let from = 0; from < updateCount; from += chunk) feed(it, from, from + chunk)
    sums.push(out[0]!)
    return out[1]!
  }
}

async function measure(): Promise<Measured | Missing> {
  const loaded = await import(`./libraries/${library}.ts`).catch((error: unknown) => String(error))
  if (typeof loaded === 'string') return { missing: loaded }
  const found = (loaded as { cases: Cases }).cases[name]
  if (found === undefined) throw new Error(`${library} has no case "${name}".`)
  const pass = passOf(...found)
  for (let count = 0; count < warmPasses; count += 1) pass()
  const nanos = Array.from({ length: Number(passText) }, () => {
    const from = process.cpuUsage()
    pass()
    return (process.cpuUsage(from).user * 1_000) / updateCount
  }).sort((a, b) => a - b)

  let collections = 0
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length
  })
  observer.observe({ entryTypes: ['gc'] })
  const before = process.memoryUsage().heapUsed
  const last = pass()
  const heapBytes = process.memoryUsage().heapUsed - before
  collections += observer.takeRecords().length
  observer.disconnect()
  return { nanos: nanos[nanos.length >> 1]!, last, heapBytes, collections }
}

const measured = await measure()
if (!sums.every(Number.isFinite)) throw new Error('A sum of results is not a number.')
process.stdout.write(`${JSON.stringify(measured)}\n`)
