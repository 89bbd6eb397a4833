import { allowed, type Rule, refused } from './rule.js'

/** Active lets everything pass, reduceOnly what shrinks the position by our own count, halted nothing. */
export const tradingAllowed: Rule = {
  code: 'inspector.rule.trading-state',
  judges: 'order',
  check({ trading, effect }) {
    if (trading === 'active' || (trading === 'reduceOnly' && effect === 'reduces')) return allowed
    const message = `Trading is ${trading} and the order ${effect} the position.`
    return refused('inspector.rule.trading-state', message, 'active', trading)
  },
}
