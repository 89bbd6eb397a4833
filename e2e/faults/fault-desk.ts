import * as advisor from '@barfinex/advisor'
import { type Bus, type Desk, defineDesk } from '@barfinex/core'
import * as detector from '@barfinex/detector'
import * as inspector from '@barfinex/inspector'
import * as provider from '@barfinex/provider'
import type { DeskServices } from 'barfinex'
import { openGates } from '../open-gates.js'

const { close, open, gt, lt, multiply, defineStrategy } = detector

/** Buys the cash symbol after each rising minute. */
const buyer = defineStrategy({
  id: 'fault-buyer',
  symbols: ['BTC/USDT'],
  inputs: { main: '1m' },
  rules: [{ id: 'rose', direction: 'long', weight: 1, when: gt(close(), open()) }],
  thresholds: { long: 1 },
  exits: { long: { stop: multiply(close(), 0.9985), target: multiply(close(), 1.002) } },
})

/** Sells the contract short after each falling minute. */
const seller = defineStrategy({
  id: 'fault-seller',
  symbols: ['ETH/USDT:USDT'],
  inputs: { main: '1m' },
  rules: [{ id: 'fell', direction: 'short', weight: 1, when: lt(close(), open()) }],
  thresholds: { short: 1 },
  exits: { short: { stop: multiply(close(), 1.0015), target: multiply(close(), 0.998) } },
})

export interface FaultDeskOptions {
  readonly exchange: provider.ExchangeFactory
  readonly provider?: Partial<provider.ProviderOptions>
  readonly inspector?: Partial<inspector.InspectorConfig>
  /** What stands between Inspector and the bus. */
  readonly inspectorBus?: (bus: Bus) => Bus
}

/** The whole desk, trading as often as a minute allows. */
export function faultDesk(options: FaultDeskOptions): Desk<DeskServices> {
  return defineDesk((runtime) => ({
    provider: provider.createService({
      ...runtime,
      exchange: options.exchange,
      timeframes: ['1m'],
      ...options.provider,
    }),
    detector: detector.createService({ ...runtime, strategies: [buyer, seller], evaluations: 'signals' }),
    advisor: advisor.createService({
      ...runtime,
      timeframes: ['1m'],
      gates: openGates,
      model: { engine: 'typescript' },
    }),
    inspector: inspector.createService({
      ...runtime,
      bus: options.inspectorBus?.(runtime.bus) ?? runtime.bus,
      policies: [
        inspector.maxPositionNotional('30000'),
        inspector.priceCollar({ maxDeviationBps: 100, maxQuoteAgeMs: 10_000 }),
        inspector.duplicateIntent(),
      ],
      sizing: { riskPerTrade: '0.1%', maxNotional: '8%' },
      ...options.inspector,
    }),
  }))
}
