import { positive } from '../limit-amount.js'
import { definePolicy, type SituationPolicy } from '../policy.js'

/**
 * Limits how many symbols may be open at once, working entries included. Adding to an open one is not another position.
 * Code `inspector.policy.max-open-positions`.
 */
export function maxOpenPositions(count: number): SituationPolicy {
  const most = positive(count, 'maxOpenPositions')
  return definePolicy({
    code: 'inspector.policy.max-open-positions',
    judges: 'situation',
    check({ exposure, symbol }) {
      const held = exposure.symbols.get(symbol)
      const isOpen = held !== undefined && !(held.signedQuantity.isZero && held.reservedQuote.isZero)
      const would = exposure.openCount + (isOpen ? 0 : 1)
      if (would <= most) return null
      const message = `${would} positions would be open; at most ${most} are allowed.`
      return { limit: most, observed: would, message }
    },
  })
}
