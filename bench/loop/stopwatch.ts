import { frames } from './frames.js'

/** Wall times of every event, and of those that led to an order, microseconds. */
export interface Timings {
  readonly event: Percentiles
  readonly order: Percentiles
  readonly orderCount: number
}

export interface Percentiles {
  readonly p50: number
  readonly p99: number
}

/** Times the way from a market event to an order. */
export class Stopwatch {
  private readonly events = new Float64Array(frames.length)
  private readonly orders: number[] = []
  private count = 0
  private begunAt = 0

  /** An event has come. */
  begin(): void {
    this.begunAt = performance.now()
  }

  /** Everything that follows from it at once has been done. */
  end(): void {
    this.events[this.count] = performance.now() - this.begunAt
    this.count += 1
  }

  /** An order leaves: it follows from the event that began last. */
  order(): void {
    this.orders.push(performance.now() - this.begunAt)
  }

  read(): Timings {
    return {
      event: percentilesOf(this.events.subarray(0, this.count)),
      order: percentilesOf(Float64Array.from(this.orders)),
      orderCount: this.orders.length,
    }
  }
}

function percentilesOf(millis: Float64Array): Percentiles {
  const sorted = millis.slice().sort()
  const at = (share: number) => Math.round(1e6 * (sorted[Math.floor(sorted.length * share)] ?? 0)) / 1e3
  return { p50: at(0.5), p99: at(0.99) }
}
