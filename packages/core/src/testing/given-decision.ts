import {
  type Calibration,
  type Decision,
  type ExecutionIntent,
  type StageName,
  type StageRecord,
  stageName,
} from '../flow/3-decision.js'
import { sha256 } from '../journal/canonical.js'
import { newYear } from './given-market.js'

export function aStageRecord(name: StageName, overrides: Partial<StageRecord> = {}): StageRecord {
  const stage = stageName.options.indexOf(name) + 1
  return {
    stage,
    name,
    status: 'ok',
    reasons: [],
    measured: { spreadBps: 2 },
    limits: { spreadBps: 8 },
    inputHash: sha256(`${name}-input`),
    outputHash: sha256(`${name}-output`),
    previousHash: sha256(`${name}-previous`),
    durationUs: 12.5,
    ...overrides,
  }
}

/** A decision for an intent, all eight stages in order. */
export function aDecision(overrides: Partial<Decision> = {}): Decision {
  return {
    decisionId: 'decision-1',
    signalId: 'signal-1',
    strategyId: 'ema-pullback',
    symbol: 'BTC/USDT',
    direction: 'long',
    outcome: 'intent',
    intentId: 'intent-1',
    rejectedBy: null,
    reasons: [],
    stages: stageName.options.map((name) => aStageRecord(name)),
    snapshotHash: sha256('snapshot'),
    configHash: sha256('config'),
    conviction: 0.62,
    probability: 0.55,
    expectedR: 0.3,
    regime: 'trend',
    synthesisSource: 'rules',
    rationale: 'The trend is up and the pullback ended.',
    fingerprint: sha256('fingerprint'),
    asOf: newYear + 60_000,
    decidedAt: newYear + 60_000,
    ...overrides,
  }
}

/** A market entry, long, stop 99, target 105. */
export function anIntent(overrides: Partial<ExecutionIntent> = {}): ExecutionIntent {
  return {
    intentId: 'intent-1',
    decisionId: 'decision-1',
    decisionFingerprint: sha256('fingerprint'),
    signalId: 'signal-1',
    strategyId: 'ema-pullback',
    symbol: 'BTC/USDT',
    direction: 'long',
    entry: 'market',
    limitPrice: null,
    referencePrice: '101.01',
    stopPrice: '99',
    targetPrice: '105',
    sizeCap: 1,
    rewardToRisk: 1.9,
    probability: 0.55,
    expectedR: 0.3,
    regime: 'trend',
    degraded: [],
    issuedAt: newYear + 60_000,
    expiresAt: newYear + 120_000,
    ...overrides,
  }
}

export function aCalibration(overrides: Partial<Calibration> = {}): Calibration {
  return {
    calibratorHash: sha256('calibrator'),
    serving: 'static',
    outcomeCount: 12,
    brier: 0.24,
    logLoss: 0.68,
    state: { slope: 1, intercept: 0 },
    ...overrides,
  }
}
