import type { Act, Incident, Protection, RiskState, TradeOutcome, TradingState, Verdict } from '../flow/4-verdict.js'
import { newYear } from './given-market.js'
import { anOrder } from './given-order.js'

/** An approval of {@link anOrder}. */
export function aVerdict(overrides: Partial<Verdict> = {}): Verdict {
  return {
    verdictId: 'verdict-1',
    type: 'approved',
    account: 'paper',
    intentId: 'intent-1',
    symbol: 'BTC/USDT',
    purpose: 'entry',
    order: anOrder(),
    reasons: [],
    policies: ['inspector.max-position-notional'],
    reservedNotional: '50.51',
    decidedAt: newYear + 60_000,
    ...overrides,
  }
}

export function anAct(overrides: Partial<Act> = {}): Act {
  return {
    actId: 'act-1',
    type: 'standDown',
    symbol: null,
    strategyId: null,
    reason: { code: 'inspector.daily-loss', message: 'The day has lost 2.1 %.', limit: 0.02, observed: 0.021 },
    until: null,
    decidedAt: newYear,
    ...overrides,
  }
}

export function aTradingState(overrides: Partial<TradingState> = {}): TradingState {
  return { account: 'paper', state: 'active', reason: null, setBy: 'policy', since: newYear, ...overrides }
}

export function aProtection(overrides: Partial<Protection> = {}): Protection {
  return {
    account: 'paper',
    symbol: 'BTC/USDT',
    status: 'covered',
    positionQuantity: '0.5',
    coveredQuantity: '0.5',
    stopPrice: '99',
    targetPrice: '105',
    stopOrderId: 'stop-1',
    targetOrderId: 'target-1',
    nakedSince: null,
    longestNakedMs: 0,
    asOf: newYear,
    ...overrides,
  }
}

export function aRiskState(overrides: Partial<RiskState> = {}): RiskState {
  return {
    account: 'paper',
    equityQuote: '10000',
    peakEquityQuote: '10000',
    drawdown: 0,
    dayStartEquityQuote: '10000',
    dayPnlQuote: '0',
    losingStreak: 0,
    lastLossAt: null,
    openPositionCount: 0,
    grossExposureQuote: '0',
    reservedQuote: '0',
    asOf: newYear,
    ...overrides,
  }
}

/** A trade that reached its target: +1.9 R. */
export function anOutcome(overrides: Partial<TradeOutcome> = {}): TradeOutcome {
  return {
    outcomeId: 'outcome-1',
    account: 'paper',
    intentId: 'intent-1',
    decisionId: 'decision-1',
    signalId: 'signal-1',
    strategyId: 'ema-pullback',
    symbol: 'BTC/USDT',
    direction: 'long',
    quantity: '0.5',
    entryPrice: '101.02',
    exitPrice: '105',
    grossPnl: '1.99',
    fees: '0.1',
    netPnl: '1.89',
    resultR: 1.87,
    exitReason: 'takeProfit',
    probability: 0.55,
    regime: 'trend',
    openedAt: newYear + 60_000,
    closedAt: newYear + 600_000,
    ...overrides,
  }
}

export function anIncident(overrides: Partial<Incident> = {}): Incident {
  return {
    incidentId: 'incident-1',
    severity: 'warning',
    reason: { code: 'inspector.protection.missing', message: 'A stop was gone and has been placed again.' },
    symbol: 'BTC/USDT',
    raisedAt: newYear,
    ...overrides,
  }
}
