import { type AccountState, decimal, type ExecutionIntent, instrumentRules, type Order } from '@barfinex/core'
import { aFeed, anAccount, anInstrument, anIntent, aQuote, newYear } from '@barfinex/core/testing'
import { exposureFrom } from '../exposure.js'
import type { Situation } from '../situation.js'

/**
 * A quiet minute: BTC/USDT at 101, rules and feed known, trading active, nothing happened before. Equity and exposure follow from
 * the account unless they are given.
 */
export function aSituation(overrides: Partial<Situation> = {}): Situation {
  const symbol = overrides.symbol ?? overrides.intent?.symbol ?? 'BTC/USDT'
  const now = overrides.now ?? newYear + 60_000
  const account = overrides.account === undefined ? anAccount() : overrides.account
  const [base = 'BTC', quote = 'USDT'] = symbol.split(/[/:]/)
  const kind = symbol.includes(':') ? 'swap' : 'spot'
  const rules = overrides.rules ?? instrumentRules(anInstrument({ symbol, base, quote, settle: quote, kind }))
  const market = overrides.market ?? {
    quote: aQuote({ symbol, bid: 100.99, ask: 101.01, occurredAt: now }),
    candle: null,
    feed: aFeed({ symbol, since: now, lastEventAt: now }),
  }
  const equity = account === null ? null : Number(account.equityQuote)
  return {
    now,
    accountId: account?.account ?? 'unknown',
    account,
    symbol,
    rules,
    intent: null,
    market,
    trading: 'active',
    risk: {
      equityQuote: equity,
      peakEquityQuote: equity,
      dayStartEquityQuote: equity,
      losingStreak: 0,
      lastLossAt: null,
      resumedAt: null,
    },
    exposure: exposureFrom({
      account,
      lots: [],
      orders: [],
      rulesOf: () => rules,
      marketOf: () => market,
    }),
    recent: [],
    maxOrderCount: 20,
    leverage: 1,
    ...overrides,
  }
}

/** The intent an entry could have come from: its stop 2 % and its target 4 % away. */
export function intentFor(order: Order, overrides: Partial<ExecutionIntent> = {}): ExecutionIntent {
  const price = decimal(order.limitPrice ?? '101.01')
  const share = (text: string): string => price.times(decimal(text)).roundTo(decimal('0.01'), 'halfEven').toString()
  const isLong = order.side === 'buy'
  return anIntent({
    intentId: order.intentId,
    symbol: order.symbol,
    direction: isLong ? 'long' : 'short',
    entry: order.limitPrice === null ? 'market' : 'limit',
    limitPrice: order.limitPrice,
    referencePrice: price.toString(),
    stopPrice: isLong ? share('0.98') : share('1.02'),
    targetPrice: isLong ? share('1.04') : share('0.96'),
    ...overrides,
  })
}

/** An account of so much equity in free USDT. */
export function anAccountOf(equityQuote: string, overrides: Partial<AccountState> = {}): AccountState {
  const balances = [{ asset: 'USDT', free: equityQuote, locked: '0', total: equityQuote }]
  return anAccount({ equityQuote, balances, ...overrides })
}
