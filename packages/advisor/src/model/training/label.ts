import type { CandleColumns, Direction } from '@barfinex/core'

/** Barriers and costs by which a signal is labelled. */
export interface LabelOptions {
  /** Bars after which the trade is closed at its price. */
  readonly horizonBars: number
  /** Distance of stop and target from the entry in ATR, where the signal names none. */
  readonly stopAtr: number
  readonly targetAtr: number
  /** Fee of one side, in basis points of its notional. */
  readonly feeBps: number
}

export const defaultLabelOptions: LabelOptions = { horizonBars: 24, stopAtr: 1.5, targetAtr: 2.25, feeBps: 0 }

/** A signal to be labelled. */
export interface LabelledSignal {
  /** The judged candle; the entry is the next open. */
  readonly index: number
  readonly direction: Direction
  /** ATR14 of the judged candle in quote: the unit of the barriers. */
  readonly atr: number
  /** The signal's own barriers, quote per base, where it has them. */
  readonly stopPrice?: number
  readonly targetPrice?: number
}

/** How a signal would have ended. */
export interface Label {
  /** Net result in units of the risk first taken. */
  readonly resultR: number
  /** True when `resultR` is above zero. */
  readonly won: boolean
  readonly barrier: 'stop' | 'target' | 'time'
  /** The candle at whose close the label is known: later than the judged one. */
  readonly endIndex: number
}

/**
 * Labels a signal by three barriers (López de Prado 2018): stop, target and time, after costs.
 *
 * Prices of the candles are mid prices; a trade enters and leaves half a spread to the worse side. A bar that touches
 * both barriers counts as stopped, and a bar that opens beyond the stop fills at its open.
 *
 * @param spread Ask less bid of each candle, in quote.
 * @returns `null` when the candles end before the label is known, or the entry lies beyond a barrier already.
 */
export function labelSignal(
  candles: CandleColumns,
  spread: Float64Array,
  signal: LabelledSignal,
  options: LabelOptions = defaultLabelOptions,
): Label | null {
  const first = signal.index + 1
  const last = signal.index + options.horizonBars
  if (last >= candles.length) return null
  const sign = signal.direction === 'long' ? 1 : -1
  const halfSpread = (i: number) => spread[i]! / 2
  const entry = candles.open[first]! + sign * halfSpread(first)
  const stop = signal.stopPrice ?? entry - sign * options.stopAtr * signal.atr
  const target = signal.targetPrice ?? entry + sign * options.targetAtr * signal.atr
  const risk = sign * (entry - stop)
  if (!(risk > 0) || !(sign * (target - entry) > 0)) return null

  const close = (exit: number, barrier: Label['barrier'], endIndex: number): Label => {
    const fees = (options.feeBps / 10_000) * (entry + exit)
    const resultR = (sign * (exit - entry) - fees) / risk
    return { resultR, won: resultR > 0, barrier, endIndex }
  }
  for (let i = first; i <= last; i += 1) {
    // What we could sell at when long, buy back at when short.
    const exitAt = (mid: number) => mid - sign * halfSpread(i)
    const worst = exitAt(sign > 0 ? candles.low[i]! : candles.high[i]!)
    const best = exitAt(sign > 0 ? candles.high[i]! : candles.low[i]!)
    if (sign * (worst - stop) <= 0) {
      const open = exitAt(candles.open[i]!)
      return close(i > first && sign * (open - stop) < 0 ? open : stop, 'stop', i)
    }
    if (sign * (best - target) >= 0) return close(target, 'target', i)
  }
  return close(candles.close[last]! - sign * halfSpread(last), 'time', last)
}
