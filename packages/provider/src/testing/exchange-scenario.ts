import type { ExchangeCapabilities } from '../exchanges/exchange.js'
import type { ContractMarket } from './contract-market.js'

/** One thing that every exchange promises, by a number that stays. */
export interface ExchangeScenario {
  readonly id: `X${number}`
  readonly title: string
  /** Why an exchange with these capabilities cannot show it; `null` when it can. */
  readonly missing?: (capabilities: ExchangeCapabilities) => string | null
  run(market: ContractMarket): Promise<void>
}
