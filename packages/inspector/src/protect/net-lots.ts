import { Decimal, type Fill } from '@barfinex/core'
import { type Lot, signedQuantity, withLotFill } from './lot.js'

/**
 * Positions net at the exchange, so lots of both signs in one symbol hold nothing that a stop could protect. A late fill may bring them
 * about all the same, in a contract as lots of both directions, on spot where two ways out of one lot have both filled, the second
 * with what another lot had bought: what a fill has netted is booked as closed on both sides at its price, the oldest lots first. The
 * sum of the lots stays what it was. Follows from the fills alone, so a restart comes to the same.
 *
 * Returns the lots that changed.
 */
export function netLots(lots: Iterable<Lot>, fill: Fill): readonly Lot[] {
  const own = [...lots].filter(({ intent }) => intent.symbol === fill.symbol)
  const long = own.filter((lot) => signedQuantity(lot).isPositive)
  const short = own.filter((lot) => signedQuantity(lot).isNegative)
  const whole = sumOf(long).min(sumOf(short))
  return whole.isPositive ? [...book(long, 'sell', whole, fill), ...book(short, 'buy', whole, fill)] : []
}

function book(lots: readonly Lot[], side: Fill['side'], whole: Decimal, fill: Fill): readonly Lot[] {
  let left = whole
  return lots.flatMap((lot) => {
    const part = left.min(signedQuantity(lot).abs())
    left = left.minus(part)
    if (!part.isPositive) return []
    return [withLotFill(lot, { ...fill, purpose: 'exit', side, quantity: part.toString(), fee: '0' })]
  })
}

function sumOf(lots: readonly Lot[]): Decimal {
  return lots.reduce((total, lot) => total.plus(signedQuantity(lot).abs()), Decimal.zero)
}
