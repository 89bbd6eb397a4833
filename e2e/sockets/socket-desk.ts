import { type Desk, defineDesk } from '@barfinex/core'
import * as inspector from '@barfinex/inspector'
import * as provider from '@barfinex/provider'

export interface SocketDesk {
  readonly provider: provider.ProviderService
  readonly inspector: inspector.InspectorService
}

export interface SocketDeskOptions {
  readonly exchange: provider.ExchangeFactory
  readonly inspector?: Partial<inspector.InspectorConfig>
}

/** The half of a desk that can lose money: intents come from the test. Periods are those of production. */
export function socketDesk(options: SocketDeskOptions): Desk<SocketDesk> {
  return defineDesk((runtime) => ({
    provider: provider.createService({ ...runtime, exchange: options.exchange, timeframes: ['1m'] }),
    inspector: inspector.createService({
      ...runtime,
      policies: [
        inspector.maxPositionNotional('30000'),
        inspector.priceCollar({ maxDeviationBps: 100, maxQuoteAgeMs: 10_000 }),
        inspector.duplicateIntent(),
      ],
      // The venue lets five orders wait for a trigger, as the real one does: so many stops, and the entry's own.
      sizing: { riskPerTrade: '0.1%', maxNotional: '8%' },
      ...options.inspector,
    }),
  }))
}
