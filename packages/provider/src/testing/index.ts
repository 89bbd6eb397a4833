export { createVenue, type Venue, type VenueControl, type VenueOptions } from '../venue/index.js'
export { type ContractMarket, contractMarket } from './contract-market.js'
export * from './engine-exchange.js'
export { exchangeContract } from './exchange-contract.js'
export type { ExchangeScenario } from './exchange-scenario.js'
export {
  type ExchangeUnderTest,
  listen,
  type MakeExchange,
  onVirtualClock,
  orderOf,
  type VirtualExchangeOptions,
} from './exchange-under-test.js'
export * from './fault-venue.js'
export * from './given-order.js'
export * from './given-provider.js'
export { noFaults, type RequestFate, type VenueFaults } from './venue-faults.js'
export { type NakedStretch, type VenueOrder, VenueTruth } from './venue-truth.js'
