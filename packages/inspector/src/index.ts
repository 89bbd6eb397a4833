export { inspect, type Question } from './inspect.js'
export type { LimitAmount } from './limit-amount.js'
export { type InspectorConfig, type InspectorSettings, inspectorOptions } from './options.js'
export { cooldownAfterLoss } from './policies/cooldown-after-loss.js'
export { type BreachOptions, dailyLoss } from './policies/daily-loss.js'
export { drawdown } from './policies/drawdown.js'
export { type DuplicateIntentOptions, duplicateIntent } from './policies/duplicate-intent.js'
export { type LosingStreakOptions, losingStreak } from './policies/losing-streak.js'
export { maxOpenOrders } from './policies/max-open-orders.js'
export { maxOpenPositions } from './policies/max-open-positions.js'
export { maxOrderNotional } from './policies/max-order-notional.js'
export { maxPositionNotional } from './policies/max-position-notional.js'
export { minRewardToRisk } from './policies/min-reward-to-risk.js'
export { type NoTradeWindow, noTradeWindows, type Weekday } from './policies/no-trade-windows.js'
export { type OrderRateOptions, orderRate } from './policies/order-rate.js'
export { portfolioExposure } from './policies/portfolio-exposure.js'
export { type PriceCollarOptions, priceCollar } from './policies/price-collar.js'
export { type RepeatedExecutionOptions, repeatedExecution } from './policies/repeated-execution.js'
export { staleMarketData } from './policies/stale-market-data.js'
export { symbolAllowList } from './policies/symbol-allow-list.js'
export {
  type Alarm,
  definePolicy,
  type Failure,
  type LimitValue,
  type OrderPolicy,
  type Policies,
  type Policy,
  type SituationPolicy,
  type Watched,
} from './policy.js'
export type { NakedTimes } from './protect/naked-times.js'
export { createService, type InspectorAudit, type InspectorOptions, type InspectorService } from './service.js'
export type {
  Exposure,
  MarketView,
  Proposal,
  RecentEntry,
  RiskView,
  Situation,
  SymbolExposure,
} from './situation.js'
export { type Sized, size } from './size.js'
export type { SizingPlan } from './sizing-plan.js'
