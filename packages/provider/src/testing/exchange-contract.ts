import { describe, test } from 'vitest'
import { contractMarket } from './contract-market.js'
import { marketScenarios } from './exchange-market-scenarios.js'
import { orderScenarios } from './exchange-order-scenarios.js'
import type { MakeExchange } from './exchange-under-test.js'

/**
 * What every exchange promises, as a vitest suite of numbered scenarios, each on an exchange of its own. What an exchange says
 * it cannot do is skipped by name and reason; what it claims is tried.
 *
 * The account must be able to buy a few of the least orders, and the market must move.
 *
 * @example
 * exchangeContract('paper', () => onVirtualClock(paper({ seed: 7 })))
 */
export function exchangeContract(name: string, makeExchange: MakeExchange): void {
  describe(`${name} keeps the exchange contract`, () => {
    for (const scenario of [...marketScenarios, ...orderScenarios]) {
      test(`${scenario.id} ${scenario.title}`, async ({ skip }) => {
        const given = await makeExchange()
        try {
          const reason = scenario.missing?.(given.exchange.capabilities) ?? null
          if (reason !== null) return skip(reason)
          await scenario.run(await contractMarket(given))
        } finally {
          await given.close()
        }
      })
    }
  })
}
