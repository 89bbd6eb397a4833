import { Decimal, instrumentRules, type Quote, type Reason, type Signal } from '@barfinex/core'
import type { Gates } from '../gates.js'
import type { Context } from './1-context.js'
import { atrOf } from './3-score.js'
import { type CalibrationFound, economicsOf } from './5-calibration.js'
import { failed, rounded, type StageResult } from './stage.js'

/** Prices on the grid and what the trade is worth at them. */
export interface Validation {
  readonly referencePrice: string
  readonly stopPrice: string
  readonly targetPrice: string
  /** After fees, spread and slippage. */
  readonly rewardToRisk: number
  readonly expectedR: number
}

/**
 * Stage 7: with the price of this very moment, are the stop and the target on the right sides, far enough, affordable, and is
 * the reward still worth the risk after all costs? Every check is made, not only the first that fails.
 *
 * Stop and target are moved to the tick grid against us: the stop outwards, the target inwards.
 */
export function validationStage(
  context: Context,
  fresh: Quote,
  signal: Signal,
  calibration: CalibrationFound,
  gates: Gates,
  now: number,
): StageResult<Validation> {
  const isLong = signal.direction === 'long'
  const { tick } = instrumentRules(context.instrument)
  const entry = Decimal.fromNumber(isLong ? fresh.ask : fresh.bid).roundTo(tick, isLong ? 'up' : 'down')
  const stop = Decimal.fromNumber(signal.stopPrice).roundTo(tick, isLong ? 'down' : 'up')
  const target = Decimal.fromNumber(signal.targetPrice).roundTo(tick, isLong ? 'down' : 'up')
  const prices = { entry: entry.toNumber(), stop: stop.toNumber(), target: target.toNumber() }
  const rounding: Signal = { ...signal, stopPrice: prices.stop, targetPrice: prices.target }
  const economics = economicsOf(
    rounding,
    { ...fresh, bid: isLong ? fresh.bid : prices.entry, ask: isLong ? prices.entry : fresh.ask },
    context.instrument,
    gates,
  )
  const { probability } = calibration.calibrated
  const rewardToRisk = (economics.rewardToRiskGross - economics.costR) / (1 + economics.costR)
  const value = probability * economics.rewardToRiskGross - (1 - probability) - economics.costR
  const atr = atrOf(context.candles) * prices.entry
  const stopAtr = Math.abs(prices.entry - prices.stop) / atr
  const drift = ((isLong ? 1 : -1) * (prices.entry - signal.price)) / atr
  const spreadOfStop = (fresh.ask - fresh.bid) / Math.abs(prices.entry - prices.stop)

  const reasons: Reason[] = []
  const check = (holds: boolean, code: string, message: string, limit: number, observed: number) => {
    if (!holds) reasons.push(failed(`advisor.validation.${code}`, message, rounded(limit), rounded(observed)))
  }
  const isStopRight = isLong ? prices.stop < prices.entry : prices.stop > prices.entry
  const isTargetRight = isLong ? prices.target > prices.entry : prices.target < prices.entry
  check(
    isStopRight && prices.stop > 0,
    'stop-side',
    `The stop ${stop} is on the wrong side of ${entry}.`,
    prices.entry,
    prices.stop,
  )
  check(
    isTargetRight && prices.target > 0,
    'target-side',
    `The target ${target} is on the wrong side of ${entry}.`,
    prices.entry,
    prices.target,
  )
  check(
    stopAtr >= gates.minStopAtr,
    'stop-too-near',
    `The stop is ${stopAtr.toFixed(2)} ATR away.`,
    gates.minStopAtr,
    stopAtr,
  )
  check(
    stopAtr <= gates.maxStopAtr,
    'stop-too-far',
    `The stop is ${stopAtr.toFixed(2)} ATR away.`,
    gates.maxStopAtr,
    stopAtr,
  )
  check(
    spreadOfStop <= gates.maxSpreadOfStop,
    'spread',
    `The spread is ${(100 * spreadOfStop).toFixed(1)} % of the stop distance.`,
    gates.maxSpreadOfStop,
    spreadOfStop,
  )
  check(
    drift <= gates.maxDriftAtr,
    'drift',
    `The price has run ${drift.toFixed(2)} ATR away since the signal.`,
    gates.maxDriftAtr,
    drift,
  )
  check(
    rewardToRisk >= gates.minRewardToRisk,
    'reward-risk',
    `Reward to risk after costs is ${rewardToRisk.toFixed(2)}.`,
    gates.minRewardToRisk,
    rewardToRisk,
  )
  check(
    value >= gates.minExpectedR,
    'expected-r',
    `The expected result is ${value.toFixed(3)} R at the fresh price.`,
    gates.minExpectedR,
    value,
  )
  check(now < signal.expiresAt, 'expired', 'The signal expired while it was being decided.', signal.expiresAt, now)
  const quoteAgeMs = now - fresh.occurredAt
  check(
    quoteAgeMs <= gates.maxQuoteAgeMs,
    'stale-quote',
    `The quote is ${quoteAgeMs} ms old.`,
    gates.maxQuoteAgeMs,
    quoteAgeMs,
  )
  return {
    status: reasons.length > 0 ? 'rejected' : 'ok',
    reasons,
    measured: {
      entryPrice: entry.toString(),
      stopPrice: stop.toString(),
      targetPrice: target.toString(),
      stopAtr: rounded(stopAtr),
      driftAtr: rounded(drift),
      spreadOfStop: rounded(spreadOfStop),
      costR: rounded(economics.costR),
      rewardToRisk: rounded(rewardToRisk),
      expectedR: rounded(value),
      quoteAgeMs,
    },
    limits: {
      stopAtr: `${gates.minStopAtr}..${gates.maxStopAtr}`,
      driftAtr: gates.maxDriftAtr,
      spreadOfStop: gates.maxSpreadOfStop,
      rewardToRisk: gates.minRewardToRisk,
      expectedR: gates.minExpectedR,
      quoteAgeMs: gates.maxQuoteAgeMs,
    },
    found: {
      referencePrice: entry.toString(),
      stopPrice: stop.toString(),
      targetPrice: target.toString(),
      rewardToRisk,
      expectedR: value,
    },
  }
}
