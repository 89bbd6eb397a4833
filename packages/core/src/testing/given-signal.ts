import type { Evaluation, RuleResult, Signal, StrategyState } from '../flow/2-signal.js'
import { sha256 } from '../journal/canonical.js'
import { newYear } from './given-market.js'

export function aRuleResult(overrides: Partial<RuleResult> = {}): RuleResult {
  return { id: 'trend', direction: 'long', weight: 2, value: 1, fired: true, ...overrides }
}

/** A judgement from which no signal came, with its reason. */
export function anEvaluation(overrides: Partial<Evaluation> = {}): Evaluation {
  return {
    strategyId: 'ema-pullback',
    strategyHash: sha256('ema-pullback'),
    symbol: 'BTC/USDT',
    timeframe: '1m',
    candleOpenTime: newYear,
    rules: [aRuleResult(), aRuleResult({ id: 'pullback', value: 0, fired: false })],
    vetoes: [],
    longScore: 2,
    shortScore: 0,
    longThreshold: 3,
    shortThreshold: null,
    signalId: null,
    reasons: [{ code: 'detector.below-threshold', message: 'The long score 2 is below 3.', limit: 3, observed: 2 }],
    ...overrides,
  }
}

/** A long signal at 101 with stop 99 and target 105. */
export function aSignal(overrides: Partial<Signal> = {}): Signal {
  return {
    signalId: 'signal-1',
    strategyId: 'ema-pullback',
    strategyHash: sha256('ema-pullback'),
    symbol: 'BTC/USDT',
    timeframe: '1m',
    direction: 'long',
    score: 4,
    threshold: 3,
    rules: [aRuleResult(), aRuleResult({ id: 'pullback' })],
    candleOpenTime: newYear,
    price: 101,
    stopPrice: 99,
    targetPrice: 105,
    sizeHint: 1,
    firedAt: newYear + 60_000,
    expiresAt: newYear + 180_000,
    ...overrides,
  }
}

export function aStrategyState(overrides: Partial<StrategyState> = {}): StrategyState {
  return {
    strategyId: 'ema-pullback',
    strategyHash: sha256('ema-pullback'),
    state: 'active',
    reason: null,
    since: newYear,
    evaluationCount: 10,
    signalCount: 1,
    ...overrides,
  }
}
