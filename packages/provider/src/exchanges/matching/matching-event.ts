import type { ExchangeReport } from '../exchange.js'

/** What becomes of an order, in the exchange's words, and whose order it is. */
export type MatchingEvent = Exclude<ExchangeReport, { type: 'uncertain' }> & { readonly account: string }

/** What may be done when an order would trade with another one of the same account. */
export type SelfTradePrevention = 'expireTaker' | 'expireMaker' | 'expireBoth'
