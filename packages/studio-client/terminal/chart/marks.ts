import {
  type Fill,
  type OrderEvent,
  openTimeOf,
  type PositionState,
  type Signal,
  type Timeframe,
} from '@barfinex/core/browser'
import type { SeriesMarkerBar, UTCTimestamp } from 'lightweight-charts'
import { quantity } from '../format.js'
import { palette } from '../palette.js'

export type Mark = SeriesMarkerBar<UTCTimestamp>

/** A horizontal line: where something rests. */
export interface Level {
  readonly id: string
  readonly price: number
  readonly title: string
  readonly color: string
  readonly isDashed: boolean
}

const purposes = { entry: 'in', stop: 'stop', target: 'target', exit: 'out' } as const

/** Fills as arrows, signals as dots (one per bar and direction), at the bar in which they happened; only bars that are shown. */
export function marksOf(
  signals: readonly Signal[],
  fills: readonly Fill[],
  symbol: string,
  timeframe: Timeframe,
  /** Open time of the first bar and close time of the last. */
  [from, to]: readonly [number, number],
): Mark[] {
  const at = (instant: number) => (openTimeOf(timeframe, instant) / 1_000) as UTCTimestamp
  const marks: Mark[] = []
  const dotted = new Set<string>()
  for (const it of signals) {
    // A signal fires when its candle has closed: it belongs to that candle.
    const time = at(it.firedAt - 1)
    const dot = `${it.direction} ${time}`
    if (it.symbol !== symbol || it.firedAt < from || it.firedAt > to || dotted.has(dot)) continue
    dotted.add(dot)
    const isLong = it.direction === 'long'
    marks.push({
      time,
      position: isLong ? 'belowBar' : 'aboveBar',
      shape: 'circle',
      color: palette.accent,
      size: 0.6,
    })
  }
  for (const it of fills) {
    if (it.symbol !== symbol || it.occurredAt < from || it.occurredAt >= to) continue
    const isBuy = it.side === 'buy'
    marks.push({
      time: at(it.occurredAt),
      position: isBuy ? 'belowBar' : 'aboveBar',
      shape: it.purpose === 'stop' ? 'square' : isBuy ? 'arrowUp' : 'arrowDown',
      color: it.purpose === 'stop' ? palette.warn : isBuy ? palette.up : palette.down,
      text: `${purposes[it.purpose]} ${quantity(it.quantity)}`,
    })
  }
  return marks.sort((a, b) => a.time - b.time)
}

/** Working orders and the position's entry price as lines. */
export function levelsOf(
  positions: readonly PositionState[],
  orders: readonly OrderEvent[],
  symbol: string,
): readonly Level[] {
  const levels: Level[] = []
  for (const it of positions) {
    if (it.symbol !== symbol || it.side === 'flat' || it.averagePrice === null) continue
    const color = it.side === 'long' ? palette.up : palette.down
    const title = `${it.side} ${quantity(it.quantity)}`
    levels.push({ id: 'position', price: Number(it.averagePrice), title, color, isDashed: false })
  }
  for (const it of orders) {
    const price = it.triggerPrice ?? it.limitPrice
    if (it.symbol !== symbol || price === null) continue
    const color = it.purpose === 'stop' ? palette.down : it.purpose === 'target' ? palette.up : palette.accent
    levels.push({ id: it.clientOrderId, price: Number(price), title: it.purpose, color, isDashed: true })
  }
  return levels
}
