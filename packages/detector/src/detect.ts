import {
  type Candle,
  closeTimeOf,
  type Direction,
  derivedId,
  type Evaluation,
  type Reason,
  type RuleResult,
  type Signal,
} from '@barfinex/core'
import { MarketMemory } from './market-memory.js'
import { compileExpression, type Read } from './rules/compile.js'
import type { Strategy } from './strategy.js'

/** What came of one market event. Both `null` when the event was no reason to judge. */
export interface Detection {
  readonly evaluation: Evaluation | null
  readonly signal: Signal | null
}

/** A strategy's memory of one symbol. Owned by whoever calls {@link detect}; it changes in place, for speed. */
export interface DetectState {
  readonly strategy: Strategy
  readonly symbol: string
  readonly memory: MarketMemory
  readonly judge: Judge
  /** Trigger bars judged. */
  barCount: number
  /** Bar count at the last signal per direction. */
  readonly lastSignal: Record<Direction, number>
}

interface Judge {
  readonly rules: readonly {
    readonly id: string
    readonly direction: Direction
    readonly weight: number
    readonly read: Read
  }[]
  readonly vetoes: readonly { readonly id: string; readonly direction: Direction | null; readonly read: Read }[]
  readonly exits: Readonly<Record<Direction, { readonly stop: Read; readonly target: Read } | null>>
  readonly sizeHint: Read
}

const nothing: Detection = { evaluation: null, signal: null }

/** Prepares a strategy for one symbol: compiles its rules once. */
export function initialState(strategy: Strategy, symbol: string): DetectState {
  const memory = new MarketMemory(strategy, symbol)
  const leaves = memory.leaves()
  const exits = (direction: Direction) => {
    const it = strategy.exits[direction]
    return it === undefined
      ? null
      : { stop: compileExpression(it.stop, leaves), target: compileExpression(it.target, leaves) }
  }
  return {
    strategy,
    symbol,
    memory,
    judge: {
      rules: strategy.rules.map(({ when, ...it }) => ({ ...it, read: compileExpression(when, leaves) })),
      vetoes: strategy.vetoes.map((it) => ({
        id: it.id,
        direction: it.direction ?? null,
        read: compileExpression(it.when, leaves),
      })),
      exits: { long: exits('long'), short: exits('short') },
      sizeHint: compileExpression(strategy.sizeHint, leaves),
    },
    barCount: 0,
    lastSignal: { long: Number.NEGATIVE_INFINITY, short: Number.NEGATIVE_INFINITY },
  }
}

/** Takes a closed candle of the past in without judging it. */
export function warm(state: DetectState, candle: Candle): void {
  state.memory.absorb(candle)
}

/**
 * The detector's heart: one closed candle in, a full judgement out when it closes the strategy's trigger bar.
 *
 * Pure but for `state`, which it owns: no clock, no chance, no identity but what follows from the candle. The same
 * candles give the same evaluations and signals, byte for byte. A candle seen before changes nothing.
 */
export function detect(state: DetectState, candle: Candle): Detection {
  const { memory, strategy } = state
  if (!candle.isFinal) return nothing
  if (!memory.isTrigger(candle)) {
    memory.wait(candle)
    return nothing
  }
  if (!memory.advance(candle)) return nothing
  state.barCount += 1
  const rules: RuleResult[] = []
  let longScore = 0
  let shortScore = 0
  let unknownCount = 0
  for (const { id, direction, weight, read } of state.judge.rules) {
    const value = read()
    const isKnown = Number.isFinite(value)
    if (!isKnown) unknownCount += 1
    const fired = isKnown && value !== 0
    if (fired && direction === 'long') longScore += weight
    if (fired && direction === 'short') shortScore += weight
    rules.push({ id, direction, weight, value: isKnown ? value : null, fired })
  }
  const evaluation: Evaluation = {
    strategyId: strategy.id,
    strategyHash: strategy.hash,
    symbol: state.symbol,
    timeframe: candle.timeframe,
    candleOpenTime: candle.openTime,
    rules,
    vetoes: standingVetoes(state, null),
    longScore,
    shortScore,
    longThreshold: strategy.thresholds.long ?? null,
    shortThreshold: strategy.thresholds.short ?? null,
    signalId: null,
    reasons: [],
  }
  const chosen = chooseDirection(state, evaluation, unknownCount)
  if (typeof chosen !== 'string') return { evaluation: { ...evaluation, reasons: chosen }, signal: null }
  const signal = propose(state, candle, evaluation, chosen)
  if (!('signalId' in signal)) return { evaluation: { ...evaluation, reasons: [signal] }, signal: null }
  state.lastSignal[chosen] = state.barCount
  return { evaluation: { ...evaluation, signalId: signal.signalId }, signal }
}

/** Ids of the vetoes that stand, for one direction or at all. A veto that is not known stands: nobody trades blind. */
function standingVetoes(state: DetectState, direction: Direction | null): string[] {
  const standing: string[] = []
  for (const veto of state.judge.vetoes) {
    if (direction !== null && veto.direction !== null && veto.direction !== direction) continue
    const value = veto.read()
    if (Number.isNaN(value) || value !== 0) standing.push(veto.id)
  }
  return standing
}

function chooseDirection(state: DetectState, it: Evaluation, unknownCount: number): Direction | Reason[] {
  const longMargin = it.longThreshold === null ? Number.NEGATIVE_INFINITY : it.longScore - it.longThreshold
  const shortMargin = it.shortThreshold === null ? Number.NEGATIVE_INFINITY : it.shortScore - it.shortThreshold
  if (longMargin < 0 && shortMargin < 0) {
    const reasons = [
      belowThreshold('long', it.longScore, it.longThreshold),
      belowThreshold('short', it.shortScore, it.shortThreshold),
    ]
    const warming: Reason[] =
      unknownCount === 0
        ? []
        : [
            {
              code: 'detector.not-warm',
              message: `${unknownCount} of ${it.rules.length} rules are not known yet.`,
              limit: 0,
              observed: unknownCount,
            },
          ]
    return [...warming, ...reasons.filter((reason) => reason !== null)]
  }
  if (longMargin === shortMargin) {
    return [{ code: 'detector.conflict', message: 'Long and short pass their thresholds by the same margin.' }]
  }
  const direction: Direction = longMargin > shortMargin ? 'long' : 'short'
  const reasons: Reason[] = standingVetoes(state, direction).map((id) => ({
    code: 'detector.vetoed',
    message: `Veto ${id} stands.`,
    observed: id,
  }))
  const quietBars = state.barCount - state.lastSignal[direction]
  if (quietBars <= state.strategy.cooldownBars) {
    reasons.push({
      code: 'detector.cooldown',
      message: `The last ${direction} signal is ${quietBars} bars old; ${state.strategy.cooldownBars} must pass.`,
      limit: state.strategy.cooldownBars,
      observed: quietBars,
    })
  }
  return reasons.length === 0 ? direction : reasons
}

function belowThreshold(direction: Direction, score: number, threshold: number | null): Reason | null {
  if (threshold === null) return null
  return {
    code: 'detector.below-threshold',
    message: `The ${direction} score is ${score}; it needs ${threshold}.`,
    limit: threshold,
    observed: score,
  }
}

function propose(state: DetectState, candle: Candle, evaluation: Evaluation, direction: Direction): Signal | Reason {
  const { strategy, symbol } = state
  const exits = state.judge.exits[direction]
  const stopPrice = exits?.stop() ?? Number.NaN
  const targetPrice = exits?.target() ?? Number.NaN
  const price = candle.close
  const isRight =
    direction === 'long' ? stopPrice < price && price < targetPrice : targetPrice < price && price < stopPrice
  if (!isRight || !(stopPrice > 0) || !(targetPrice > 0)) {
    return {
      code: 'detector.exit-prices',
      message: `Stop ${stopPrice} and target ${targetPrice} do not lie around ${price} for a ${direction} trade.`,
      limit: price,
      observed: `${stopPrice}..${targetPrice}`,
    }
  }
  const hint = state.judge.sizeHint()
  const expiresAt = barsLater(candle, strategy.expiresAfterBars)
  return {
    signalId: `sig-${derivedId('signal', strategy.hash, symbol, String(candle.openTime))}`,
    strategyId: strategy.id,
    strategyHash: strategy.hash,
    symbol,
    timeframe: candle.timeframe,
    direction,
    score: direction === 'long' ? evaluation.longScore : evaluation.shortScore,
    threshold: (direction === 'long' ? evaluation.longThreshold : evaluation.shortThreshold) ?? 0,
    rules: evaluation.rules,
    candleOpenTime: candle.openTime,
    price,
    stopPrice,
    targetPrice,
    sizeHint: Number.isFinite(hint) && hint > 0 ? Math.min(hint, 1) : 1,
    firedAt: candle.closeTime,
    expiresAt,
  }
}

function barsLater(candle: Candle, bars: number): number {
  let at = candle.closeTime
  for (let bar = 0; bar < bars; bar += 1) at = closeTimeOf(candle.timeframe, at)
  return at
}
