import { createService as createAdvisor } from '@barfinex/advisor'
import { type Desk, defineDesk } from '@barfinex/core'
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
import { createService as createProvider, type ExchangeFactory } from '@barfinex/provider'
import type { DeskServices } from 'barfinex'

const { atr, sma } = indicators
const minuteMs = 60_000

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

export interface BenchDeskOptions {
  readonly exchange: ExchangeFactory
  readonly evaluations: 'all' | 'signals'
  /** Judges every candle and never signals. */
  readonly isSilent?: boolean
  readonly engine?: 'onnxruntime' | 'typescript'
}

/**
 * The desk that is measured. The advisor's gates are wide open, so that signals are not only begun but walk to the end; the risk
 * per trade is small, so that the account lives through twenty thousand losing trades.
 */
export function benchDesk({
  exchange,
  evaluations,
  isSilent = false,
  engine = 'typescript',
}: BenchDeskOptions): Desk<DeskServices> {
  const strategy = strategyOf(isSilent)
  return defineDesk((runtime) => ({
    provider: createProvider({ ...runtime, exchange }),
    detector: createDetector({ ...runtime, strategies: [strategy], evaluations }),
    advisor: createAdvisor({
      ...runtime,
      timeframes: ['1m'],
      model: { engine },
      gates: { minScore: -1, minExpectedR: -10, minExpectedRLow: -10, minRewardToRisk: 0.01, maxSpreadOfStop: 1 },
    }),
    inspector: inspector.createService({
      ...runtime,
      sizing: { riskPerTrade: '0.001%' },
      protection: { maxHoldingMs: 25 * minuteMs },
      policies: [
        inspector.maxOrderNotional('100000'),
        inspector.maxPositionNotional('100000'),
        inspector.portfolioExposure('50%'),
        inspector.maxOpenPositions(1),
        inspector.drawdown('90%'),
        inspector.priceCollar({ maxDeviationBps: 100, maxQuoteAgeMs: minuteMs }),
        inspector.staleMarketData(2 * minuteMs),
        inspector.duplicateIntent(),
      ],
    }),
  }))
}
