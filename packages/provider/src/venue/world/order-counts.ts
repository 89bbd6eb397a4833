import { VenueError, type VenueOrderCount } from '../venue-world.js'

/** How many unfilled orders an account may place. */
export interface OrderLimits {
  readonly per10Seconds: number
  readonly perDay: number
}

const windows = [
  { interval: 'SECOND', intervalNum: 10, ms: 10_000, key: 'per10Seconds', text: '10 SECOND' },
  { interval: 'DAY', intervalNum: 1, ms: 86_400_000, key: 'perDay', text: '1 DAY' },
] as const

/** Counts an account's orders that were placed and not filled, as the venue limits them. */
export class OrderCounts {
  private readonly counts = windows.map(() => ({ window: -1, count: 0 }))

  constructor(
    private readonly limits: OrderLimits,
    private readonly now: () => number,
  ) {}

  /** Refuses `wanted` more orders with -1015 where they would be too many. */
  admit(wanted: number): void {
    for (const [index, window] of windows.entries()) {
      const limit = this.limits[window.key]
      if (this.current(index).count + wanted <= limit) continue
      const message = `Too many new orders; current limit is ${limit} orders per ${window.text}.`
      throw new VenueError(-1015, message, 429)
    }
  }

  add(orders: number): void {
    for (const index of windows.keys()) this.current(index).count += orders
  }

  /** Orders that have filled, or were refused after all, do not count any longer. */
  release(orders: number): void {
    for (const index of windows.keys()) {
      const it = this.current(index)
      it.count = Math.max(0, it.count - orders)
    }
  }

  rows(): readonly VenueOrderCount[] {
    return windows.map(({ interval, intervalNum, key }, index) => ({
      rateLimitType: 'ORDERS',
      interval,
      intervalNum,
      limit: this.limits[key],
      count: this.current(index).count,
    }))
  }

  private current(index: number): { window: number; count: number } {
    const it = this.counts[index] as { window: number; count: number }
    const window = Math.floor(this.now() / (windows[index] as (typeof windows)[number]).ms)
    if (it.window !== window) {
      it.window = window
      it.count = 0
    }
    return it
  }
}
