import * as advisor from '@barfinex/advisor'
import { type Desk, defineDesk } from '@barfinex/core'
import * as detector from '@barfinex/detector'
import * as inspector from '@barfinex/inspector'
import * as provider from '@barfinex/provider'

export interface DefaultDeskOptions {
  readonly exchange: provider.ExchangeFactory
  /** All that the exchange serves when absent. */
  readonly symbols?: readonly string[]
  readonly strategies?: readonly detector.Strategy[]
  readonly evaluations?: 'all' | 'signals'
  readonly profile?: advisor.Profile
  readonly gateway?: provider.GatewayOptions
  /** Endpoint, mode and cassette of a language model; none takes part when absent. */
  readonly llm?: NonNullable<advisor.AdvisorOptions['llm']>
}

/** The services of {@link defaultDesk}, by their names. */
export interface DeskServices {
  readonly provider: provider.ProviderService
  readonly detector: detector.DetectorService
  readonly advisor: advisor.AdvisorService
  readonly inspector: inspector.InspectorService
}

/** The three ready strategies, of different character. */
export const readyStrategies: readonly detector.Strategy[] = [
  detector.emaPullback,
  detector.bandReversion,
  detector.channelBreakout,
]

/**
 * The desk behind `barfinex up`: all services with the ready strategies and a full set of policies.
 * A start, not a recommendation: its limits suit an account of ten thousand on a made-up market.
 */
export function defaultDesk(options: DefaultDeskOptions): Desk<DeskServices> {
  const strategies = options.strategies ?? readyStrategies
  const timeframes = [...new Set(strategies.flatMap((it) => detector.warmUpNeed(it).map((need) => need.timeframe)))]
  return defineDesk((runtime) => ({
    provider: provider.createService({
      ...runtime,
      exchange: options.exchange,
      ...(options.symbols === undefined ? {} : { symbols: [...options.symbols] }),
      ...(options.gateway === undefined ? {} : { gateway: options.gateway }),
    }),
    detector: detector.createService({
      ...runtime,
      strategies: [...strategies],
      evaluations: options.evaluations ?? 'all',
    }),
    advisor: advisor.createService({
      ...runtime,
      timeframes,
      profile: options.profile ?? 'exploratory',
      ...(options.llm === undefined ? {} : { llm: options.llm }),
    }),
    inspector: inspector.createService({
      ...runtime,
      policies: [
        inspector.maxOrderNotional('2500'),
        inspector.maxPositionNotional('2500'),
        inspector.portfolioExposure('60%'),
        inspector.maxOpenPositions(3),
        inspector.dailyLoss('3%'),
        inspector.drawdown('10%'),
        inspector.losingStreak(6),
        inspector.cooldownAfterLoss(900_000),
        inspector.orderRate({ count: 20, perMs: 60_000 }),
        inspector.priceCollar({ maxDeviationBps: 100, maxQuoteAgeMs: 60_000 }),
        inspector.minRewardToRisk(0.8),
        inspector.staleMarketData(120_000),
        inspector.duplicateIntent(),
      ],
    }),
  }))
}
