import type { Candle, Direction, Evaluation, Signal } from '@barfinex/core'
import { type Detection, detect, initialState, warm } from '../detect.js'
import type { Strategy } from '../strategy.js'

/** Everything a strategy said about a run of candles. */
export interface Judged {
  readonly evaluations: readonly Evaluation[]
  readonly signals: readonly Signal[]
}

/**
 * Judges candles as the service would: history is only taken in, the rest is judged in the order given.
 */
export function judge(
  strategy: Strategy,
  symbol: string,
  candles: readonly Candle[],
  history: readonly Candle[] = [],
): Judged {
  const state = initialState(strategy, symbol)
  for (const candle of history) warm(state, candle)
  const detections: Detection[] = candles.map((candle) => detect(state, candle))
  return {
    evaluations: detections.flatMap((it) => (it.evaluation === null ? [] : [it.evaluation])),
    signals: detections.flatMap((it) => (it.signal === null ? [] : [it.signal])),
  }
}

/**
 * Given a strategy and what came before, when candles close, then this was said. Fails with a sentence, not with a diff.
 *
 * @example
 * givenStrategy(emaPullback).after(history).when(candles).thenSignals('long')
 */
export function givenStrategy(strategy: Strategy, symbol = 'BTC/USDT') {
  return after([])

  function after(history: readonly Candle[]) {
    return {
      after,
      when(candles: readonly Candle[]) {
        const judged = judge(strategy, symbol, candles, history)
        return {
          ...judged,
          /** The directions of all signals, in order. */
          thenSignals(...directions: readonly Direction[]) {
            const got = judged.signals.map((it) => it.direction)
            if (got.join() !== directions.join()) {
              throw new Error(`${strategy.id} should have signalled [${directions}] but signalled [${got}].`)
            }
          },
          /** No signal, and the last evaluation gives this reason. */
          thenNothingBecause(code: string) {
            const codes = judged.evaluations.at(-1)?.reasons.map((it) => it.code) ?? []
            if (judged.signals.length > 0 || !codes.includes(code)) {
              const got = `${judged.signals.length} signals, last reasons [${codes}]`
              throw new Error(`${strategy.id} should have kept silent because of ${code}; it gave ${got}.`)
            }
          },
        }
      },
    }
  }
}
