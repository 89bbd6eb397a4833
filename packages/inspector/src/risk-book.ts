import { type AccountState, Decimal, type RiskState, type TradeOutcome } from '@barfinex/core'
import { measuredText } from './limit-amount.js'
import { markPrice } from './market-view.js'
import type { Exposure, MarketView, RiskView } from './situation.js'
import { utcDay } from './utc-day.js'

interface Marked {
  /** Signed quantity in base. */
  readonly quantity: number
  /** Price at which the ledger's equity counted it. */
  readonly price: number
}

/**
 * Where the account stands: equity at last prices between two account states, its peak, the day, the streak.
 * Statistics in floats; what they are held against is decided by policies.
 */
export interface RiskBook {
  readonly view: RiskView
  /** A new account state: its equity holds from now on, moved by prices. One that lacks the worth of something held leaves it unknown. */
  learnAccount(account: AccountState, marketOf: (symbol: string) => MarketView, now: number): void
  /** A new price of one symbol. True when the equity has changed. */
  learnPrice(symbol: string, market: MarketView, now: number): boolean
  learnOutcome(outcome: TradeOutcome): void
  /** Resumes from what was last published. */
  learnState(state: RiskState): void
  /** A named operator has resumed: a new peak begins at the present equity, and what was counted before counts no more. */
  forgive(at: number): void
  /** Begins a new day when 00:00 UTC has passed. */
  turnDay(now: number): void
  message(account: string, exposure: Exposure, now: number): RiskState | null
}

export function createRiskBook(): RiskBook {
  const marked = new Map<string, Marked>()
  const view = {
    equityQuote: null as number | null,
    peakEquityQuote: null as number | null,
    dayStartEquityQuote: null as number | null,
    losingStreak: 0,
    lastLossAt: null as number | null,
    resumedAt: null as number | null,
  }
  let day: number | null = null
  /** Equity of the ledger, and what prices have added to it since. */
  let ledgerEquity: number | null = null
  const moves = new Map<string, number>()

  function setEquity(equity: number, now: number): void {
    turnDay(now)
    view.equityQuote = equity
    view.dayStartEquityQuote ??= equity
    if (view.peakEquityQuote === null || equity > view.peakEquityQuote) view.peakEquityQuote = equity
  }

  /** Something held has no price: what the account is worth is not known, and neither is what it has lost. */
  function forgetEquity(): void {
    view.equityQuote = null
    ledgerEquity = null
    marked.clear()
    moves.clear()
  }

  function turnDay(now: number): void {
    const today = utcDay(now)
    if (day === today) return
    // The equity that stood at midnight; before the first account state there is none.
    if (day !== null || view.dayStartEquityQuote === null) view.dayStartEquityQuote = view.equityQuote
    day = today
  }

  return {
    view,
    learnAccount(account, marketOf, now) {
      const equity = Number(account.equityQuote)
      if (!account.known || !Number.isFinite(equity)) return
      if (account.unpriced !== undefined) {
        forgetEquity()
        return
      }
      ledgerEquity = equity
      marked.clear()
      moves.clear()
      for (const { symbol, side, quantity } of account.positions) {
        const price = side === 'flat' ? null : markPrice(marketOf(symbol))
        if (price !== null) marked.set(symbol, { quantity: Number(quantity) * (side === 'short' ? -1 : 1), price })
      }
      setEquity(equity, now)
    },
    learnPrice(symbol, market, now) {
      const mark = marked.get(symbol)
      const price = mark === undefined ? null : markPrice(market)
      if (mark === undefined || price === null || ledgerEquity === null) return false
      moves.set(symbol, mark.quantity * (price - mark.price))
      let equity = ledgerEquity
      for (const move of moves.values()) equity += move
      if (equity === view.equityQuote) return false
      setEquity(equity, now)
      return true
    },
    learnOutcome(outcome) {
      if (Number(outcome.netPnl) < 0) {
        view.losingStreak += 1
        view.lastLossAt = outcome.closedAt
      } else {
        view.losingStreak = 0
      }
    },
    learnState(state) {
      view.equityQuote = Number(state.equityQuote)
      view.peakEquityQuote = Number(state.peakEquityQuote)
      view.dayStartEquityQuote = Number(state.dayStartEquityQuote)
      day = utcDay(state.asOf)
    },
    forgive(at) {
      view.peakEquityQuote = view.equityQuote
      view.resumedAt = at
    },
    turnDay,
    message(account, exposure, now) {
      const { equityQuote, peakEquityQuote, dayStartEquityQuote, losingStreak, lastLossAt } = view
      if (equityQuote === null || peakEquityQuote === null || dayStartEquityQuote === null) return null
      const fall = peakEquityQuote > 0 ? Math.max(0, 1 - equityQuote / peakEquityQuote) : 0
      return {
        account,
        equityQuote: measuredText(equityQuote),
        peakEquityQuote: measuredText(peakEquityQuote),
        drawdown: Math.round(fall * 1e8) / 1e8,
        dayStartEquityQuote: measuredText(dayStartEquityQuote),
        dayPnlQuote: measuredText(equityQuote - dayStartEquityQuote),
        losingStreak,
        lastLossAt,
        openPositionCount: exposure.openCount,
        grossExposureQuote: (exposure.positionsQuote ?? Decimal.zero).toString(),
        reservedQuote: exposure.reservedQuote.toString(),
        asOf: now,
      }
    },
  }
}
