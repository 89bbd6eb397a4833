import { type Bus, flow, type Timeframe, timeframeMs, type Unsubscribe } from '@barfinex/core'

/** What happened in a run, counted on the bus as it happened. */
export interface Tally {
  /** Closed candles of each symbol's shortest timeframe: those that everything else is made of. */
  readonly candles: number
  /** Closed candles by timeframe, derived ones included. */
  readonly candlesByTimeframe: Readonly<Record<string, number>>
  /** Public prints. */
  readonly trades: number
  readonly evaluations: number
  readonly signals: number
  readonly decisions: number
  readonly intents: number
  readonly approved: number
  readonly denied: number
  /** Orders that were sent. */
  readonly orders: number
  readonly fills: number
  /** Positions that were opened. */
  readonly positions: number
  readonly openPositions: number
  /** Trades that ended. */
  readonly outcomes: number
  readonly incidents: number
}

/** Counts until `stop`. */
export function tally(bus: Bus): { read(): Tally; stop(): void } {
  const byLane = new Map<string, { symbol: string; timeframe: Timeframe; count: number }>()
  const sent = new Set<string>()
  const open = new Set<string>()
  const counts = { trades: 0, evaluations: 0, signals: 0, decisions: 0, intents: 0, approved: 0, denied: 0 }
  const ends = { fills: 0, positions: 0, outcomes: 0, incidents: 0 }
  function count<Name extends string>(of: Record<Name, number>, name: Name): void {
    of[name] += 1
  }
  const unsubscribes: Unsubscribe[] = [
    bus.subscribe(flow.candle, ({ key, payload }) => {
      // A correction is the same candle again.
      if (payload.revision > 0) return
      const lane = byLane.get(key)
      if (lane === undefined) byLane.set(key, { symbol: payload.symbol, timeframe: payload.timeframe, count: 1 })
      else lane.count += 1
    }),
    bus.subscribe(flow.trade, () => count(counts, 'trades')),
    bus.subscribe(flow.evaluation, () => count(counts, 'evaluations')),
    bus.subscribe(flow.signal, () => count(counts, 'signals')),
    bus.subscribe(flow.decision, () => count(counts, 'decisions')),
    bus.subscribe(flow.intent, () => count(counts, 'intents')),
    bus.subscribe(flow.verdict, ({ payload }) => {
      // Protective orders have verdicts too; what is counted here is the answer to intents.
      if (payload.purpose === 'entry') counts[payload.type] += 1
    }),
    bus.subscribe(flow.orderEvent, ({ payload }) => {
      if (payload.state !== 'denied' && payload.state !== 'initialized') sent.add(payload.clientOrderId)
    }),
    bus.subscribe(flow.fill, () => count(ends, 'fills')),
    bus.subscribe(flow.account, ({ payload }) => {
      for (const position of payload.positions) {
        if (position.side === 'flat') open.delete(position.symbol)
        else if (!open.has(position.symbol)) {
          open.add(position.symbol)
          ends.positions += 1
        }
      }
    }),
    bus.subscribe(flow.outcome, () => count(ends, 'outcomes')),
    bus.subscribe(flow.incident, () => count(ends, 'incidents')),
  ]
  return {
    read() {
      const candlesByTimeframe: Record<string, number> = {}
      const shortest = new Map<string, { timeframe: Timeframe; count: number }>()
      for (const { symbol, timeframe, count } of byLane.values()) {
        candlesByTimeframe[timeframe] = (candlesByTimeframe[timeframe] ?? 0) + count
        const known = shortest.get(symbol)
        if (known === undefined || timeframeMs(timeframe) < timeframeMs(known.timeframe)) {
          shortest.set(symbol, { timeframe, count })
        }
      }
      const candles = [...shortest.values()].reduce((sum, it) => sum + it.count, 0)
      return { candles, candlesByTimeframe, ...counts, orders: sent.size, openPositions: open.size, ...ends }
    },
    stop() {
      for (const unsubscribe of unsubscribes.splice(0)) unsubscribe()
    },
  }
}
