import { createService as createAdvisor } from '@barfinex/advisor'
import { createMemoryJournal, defineDesk, silentLog } from '@barfinex/core'
import {
  add,
  and,
  close,
  createService as createDetector,
  crossesAbove,
  crossesBelow,
  defineStrategy,
  gt,
  indicators,
  multiply,
  subtract,
  value,
} from '@barfinex/detector'
import * as inspector from '@barfinex/inspector'
import { type CandleTape, candleEvents, createService as createProvider, paper } from '@barfinex/provider'
import { backtest } from 'barfinex'
import type { Engine } from './engine.js'
import { barMs, candleCount, market, startTime } from './market.js'

const symbol = 'BTC/USDT:USDT'
const { atr, sma } = indicators

/** The tape as it is after reading, without a file. */
const columns = { symbol, timeframe: '1m', count: candleCount, ...market, tradeCount: null, sides: null } as const
const tape: CandleTape = {
  kind: 'candles',
  path: 'sma-1m',
  symbols: [symbol],
  instruments: [
    {
      symbol,
      exchange: 'paper',
      kind: 'swap',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      tickSize: '0.01',
      stepSize: '0.001',
      minQuantity: '0.001',
      maxQuantity: null,
      minNotional: '5',
      maxNotional: null,
      makerFeeBps: '10',
      takerFeeBps: '10',
      status: 'trading',
      revision: 1,
    },
  ],
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

/** Signals at every cross of the two averages, in both directions. */
function strategyOf(isSilent: boolean) {
  const also = isSilent ? gt(0, close()) : gt(close(), 0)
  return defineStrategy({
    id: 'sma-cross',
    inputs: { main: '1m' },
    indicators: { fast: sma({ period: 10 }), slow: sma({ period: 30 }), range: atr({ period: 14 }) },
    rules: [
      { id: 'above', direction: 'long', weight: 1, when: and(crossesAbove(value('fast'), value('slow')), also) },
      { id: 'below', direction: 'short', weight: 1, when: and(crossesBelow(value('fast'), value('slow')), also) },
    ],
    thresholds: { long: 1, short: 1 },
    exits: {
      long: { stop: subtract(close(), multiply(4, value('range'))), target: add(close(), multiply(8, value('range'))) },
      short: {
        stop: add(close(), multiply(4, value('range'))),
        target: subtract(close(), multiply(8, value('range'))),
      },
    },
  })
}

export interface ChainOptions {
  readonly passes: number
  readonly evaluations: 'all' | 'signals'
  readonly isSilent?: boolean
}

/**
 * The desk of the bench. The advisor's gates are wide open, so that signals are not only begun but walk to the end; the risk
 * per trade is small, so that the account lives through twenty thousand losing trades.
 */
export function chainOf({ passes, evaluations, isSilent = false }: ChainOptions): Engine {
  const strategy = strategyOf(isSilent)
  const exchange = paper({ tape, balances: { USDT: '10000000' }, spreadBps: 2 })
  const desk = defineDesk((runtime) => ({
    provider: createProvider({ ...runtime, exchange }),
    detector: createDetector({ ...runtime, strategies: [strategy], evaluations }),
    advisor: createAdvisor({
      ...runtime,
      timeframes: ['1m'],
      model: { engine: 'typescript' },
      gates: { minScore: -1, minExpectedR: -10, minExpectedRLow: -10, minRewardToRisk: 0.01, maxSpreadOfStop: 1 },
    }),
    inspector: inspector.createService({
      ...runtime,
      sizing: { riskPerTrade: '0.001%' },
      protection: { maxHoldingMs: 25 * barMs },
      policies: [
        inspector.maxOrderNotional('100000'),
        inspector.maxPositionNotional('100000'),
        inspector.portfolioExposure('50%'),
        inspector.maxOpenPositions(1),
        inspector.drawdown('90%'),
        inspector.priceCollar({ maxDeviationBps: 100, maxQuoteAgeMs: barMs }),
        inspector.staleMarketData(2 * barMs),
        inspector.duplicateIntent(),
      ],
    }),
  }))
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
