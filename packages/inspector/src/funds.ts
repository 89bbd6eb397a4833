import { Decimal, decimal, type InstrumentRules } from '@barfinex/core'
import { known } from './limit-amount.js'
import type { Situation } from './situation.js'

/** Kept aside for the price moving between approval and fill: 20 basis points. */
const slack = decimal('0.002')

/**
 * Most notional an entry may have so that it, its fees and the fees of leaving can be paid, in quote; never below zero.
 *
 * Spot pays in full: `spendable / (1 + taker fee + slack)`. Contracts pay margin: `equity * leverage` less all that is open and
 * promised, and no more than the free quote times the leverage. Approvals count as spent from the moment they are given,
 * whether or not the ledger has locked anything for them yet. Throws when the account or the rules are not known.
 */
export function availableNotional(situation: Situation): Decimal {
  const { account, rules, exposure, leverage, risk } = situation
  if (account === null || rules === null) throw new Error('the account or the trading rules are not known')
  const quote = account.balances.find(({ asset }) => asset === rules.instrument.quote)
  const free = quote === undefined ? Decimal.zero : decimal(quote.free)
  const locked = quote === undefined ? Decimal.zero : decimal(quote.locked)
  const unlocked = exposure.reservedQuote.minus(locked).max(Decimal.zero)
  const spendable = free.minus(unlocked).max(Decimal.zero)
  if (rules.instrument.kind === 'spot' || rules.instrument.kind === 'stock') {
    return withoutCosts(spendable, Decimal.one.plus(rules.takerFee).plus(slack))
  }
  if (exposure.positionsQuote === null) throw new Error('an open position has no price')
  const times = Decimal.fromNumber(leverage)
  const room = known(risk.equityQuote, 'Equity')
    .times(times)
    .minus(exposure.positionsQuote)
    .minus(exposure.reservedQuote)
    .max(Decimal.zero)
  return withoutCosts(room.min(spendable.times(times)), marginCost(rules, times))
}

/** Entering and leaving cost fees on the whole notional, which the margin alone must carry. */
function marginCost(rules: InstrumentRules, leverage: Decimal): Decimal {
  return Decimal.one.plus(rules.takerFee.plus(rules.takerFee).plus(slack).times(leverage))
}

function withoutCosts(amount: Decimal, factor: Decimal): Decimal {
  return amount.dividedBy(factor, 8, 'towardZero')
}
