import type { VenueKline } from '../venue-world.js'
import { amountText, quotient, type Units, unitsOf } from './amount.js'

/** Sums over the last 24 hours. */
export interface DaySums {
  readonly openTime: number
  readonly open: Units
  readonly high: Units
  readonly low: Units
  readonly last: Units
  readonly volume: Units
  readonly quoteVolume: Units
  readonly trades: number
  /** -1 where history does not say. */
  readonly firstTradeId: number
  readonly lastTradeId: number
}

/** Adds the next minute to the sums of those before it; `null` before the first. */
export function addMinute(sums: DaySums | null, minute: VenueKline): DaySums {
  const high = unitsOf(minute.high)
  const low = unitsOf(minute.low)
  return {
    openTime: sums?.openTime ?? minute.openTime,
    open: sums?.open ?? unitsOf(minute.open),
    high: sums === null || high > sums.high ? high : sums.high,
    low: sums === null || low < sums.low ? low : sums.low,
    last: unitsOf(minute.close),
    volume: (sums?.volume ?? 0n) + unitsOf(minute.volume),
    quoteVolume: (sums?.quoteVolume ?? 0n) + unitsOf(minute.quoteVolume),
    trades: (sums?.trades ?? 0) + minute.trades,
    firstTradeId: sums === null || sums.firstTradeId < 0 ? minute.firstTradeId : sums.firstTradeId,
    lastTradeId: minute.lastTradeId < 0 ? (sums?.lastTradeId ?? -1) : minute.lastTradeId,
  }
}

/** Change over the day in percent, three digits after the point as the wire has it. */
export function changePercent({ open, last }: DaySums): string {
  if (open === 0n) return '0.000'
  const thousandths = ((last - open) * 100_000n) / open
  const sign = thousandths < 0n ? '-' : ''
  const digits = (thousandths < 0n ? -thousandths : thousandths).toString().padStart(4, '0')
  return `${sign}${digits.slice(0, -3)}.${digits.slice(-3)}`
}

/** Mean price of the day, by volume. */
export function meanPrice({ quoteVolume, volume, last }: DaySums): string {
  return amountText(volume === 0n ? last : quotient(quoteVolume, volume))
}
