import { createMemoryJournal, silentLog } from '@barfinex/core'
import { type CandleTape, candleEvents, paper } from '@barfinex/provider'
import { backtest } from 'barfinex'
import { type BenchDeskOptions, benchDesk } from './desk.js'
import type { Engine } from './engine.js'
import { instrument } from './instrument.js'
import { barMs, candleCount, market, startTime } from './market.js'

const { symbol } = instrument

/** The tape as it is after reading, without a file. */
const columns = { symbol, timeframe: '1m', count: candleCount, ...market, tradeCount: null, sides: null } as const
const tape: CandleTape = {
  kind: 'candles',
  path: 'sma-1m',
  symbols: [symbol],
  instruments: [instrument],
  contentHash: '0'.repeat(64),
  startAt: startTime,
  endAt: startTime + candleCount * barMs,
  count: candleCount,
  isComplete: true,
  timeframe: '1m',
  columns,
  volumeUnit: 'base',
  gaps: { count: 0, missing: 0, longestMs: 0 },
  offGridCount: candleCount,
  events: () => candleEvents(columns),
}

/** A backtest of the desk over the whole market. */
export function chainOf({
  passes,
  ...options
}: Omit<BenchDeskOptions, 'exchange'> & { readonly passes: number }): Engine {
  const exchange = paper({ tape, balances: { USDT: '10000000' }, spreadBps: 2 })
  const desk = benchDesk({ ...options, exchange })
  return {
    passes,
    async run() {
      const journal = createMemoryJournal({ keepCount: 0 })
      const result = await backtest(desk, { tape: exchange, journal, log: silentLog, seed: 7 })
      const { candles, signals, decisions, intents, approved, denied, orders, fills, outcomes, equity } = result
      const broken = Object.values(result.invariants).reduce((sum, count) => sum + count, 0)
      return {
        candles,
        signals,
        decisions,
        intents,
        approved,
        denied,
        orders,
        fills,
        outcomes,
        equity: Number(equity).toFixed(4),
        broken,
        journalHash: result.journalHash,
      }
    },
  }
}
