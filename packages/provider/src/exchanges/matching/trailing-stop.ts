import { digitsOf, scaledInteger } from './scaled-integer.js'
import type { WorkingOrder } from './working-order.js'

/**
 * Moves a trailing stop after the best price: down for a buy, up for a sell, never back.
 * Trigger of a sell: best * (1 - trailingBps / 10000), rounded up to the tick (the earlier wake-up); of a buy: rounded down.
 */
export function trailTo(order: WorkingOrder, ticks: number): void {
  if (Number.isNaN(ticks)) return
  const { bestTicks, isBuy } = order
  if (!Number.isNaN(bestTicks) && (isBuy ? ticks >= bestTicks : ticks <= bestTicks)) return
  order.bestTicks = ticks
  const text = order.order.trailingBps ?? '0'
  const digits = digitsOf(text)
  const whole = 10 ** (4 + digits)
  const distance = scaledInteger(text, digits)
  order.triggerTicks = isBuy
    ? Math.floor((ticks * (whole + distance)) / whole)
    : Math.ceil((ticks * (whole - distance)) / whole)
  order.lock?.update()
}
