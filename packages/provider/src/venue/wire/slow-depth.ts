import type { VenueLevel, VenueMarketEvent } from '../venue-world.js'

type DepthEvent = Extract<VenueMarketEvent, { readonly type: 'depth' }>

/** Joins the book's changes of one second into one, for the streams without `@100ms`. The chain of ids stays whole. */
export interface SlowDepth {
  add(event: DepthEvent): void
}

export const slowDepthMs = 1_000

export function createSlowDepth(
  after: (ms: number, task: () => void) => () => void,
  push: (event: DepthEvent) => void,
): SlowDepth {
  const waiting = new Map<string, DepthEvent>()
  return {
    add(event) {
      const { symbol } = event
      const earlier = waiting.get(symbol)
      waiting.set(symbol, earlier === undefined ? event : joined(earlier, event))
      if (earlier !== undefined) return
      after(slowDepthMs, () => {
        const whole = waiting.get(symbol)
        waiting.delete(symbol)
        if (whole !== undefined) push(whole)
      })
    },
  }
}

function joined(earlier: DepthEvent, later: DepthEvent): DepthEvent {
  return {
    ...later,
    firstUpdateId: earlier.firstUpdateId,
    previousUpdateId: earlier.previousUpdateId,
    bids: lastOfEach(earlier.bids, later.bids),
    asks: lastOfEach(earlier.asks, later.asks),
  }
}

function lastOfEach(earlier: readonly VenueLevel[], later: readonly VenueLevel[]): readonly VenueLevel[] {
  return [...new Map([...earlier, ...later])]
}
