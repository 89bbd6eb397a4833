import { BarfinexError, schemas } from '@barfinex/core'
import { definePolicy, type SituationPolicy } from '../policy.js'

/**
 * Opens positions in the named symbols only. Code `inspector.policy.symbol-allow-list`.
 *
 * @example
 * symbolAllowList(['BTC/USDT', 'ETH/USDT'])
 */
export function symbolAllowList(symbols: readonly string[]): SituationPolicy {
  const allowed = new Set(symbols)
  const wrong = symbols.find((symbol) => !schemas.symbol.safeParse(symbol).success)
  if (allowed.size === 0 || wrong !== undefined) {
    const what = wrong === undefined ? 'the list is empty' : `"${wrong}" is no symbol`
    throw new BarfinexError('options.invalid', `symbolAllowList: ${what}. Name symbols such as "BTC/USDT".`)
  }
  const limit = [...allowed].join(' ').slice(0, 200)
  return definePolicy({
    code: 'inspector.policy.symbol-allow-list',
    judges: 'situation',
    check({ symbol }) {
      return allowed.has(symbol) ? null : { limit, observed: symbol, message: `${symbol} is not on the list.` }
    },
  })
}
