import type { Random } from '@barfinex/core'
import type { VenueFaultRule, VenueFaults } from './venue-world.js'

/**
 * Makes the registry of injected faults. Chance comes from a fork per rule, so that one rule never shifts another.
 *
 * A rule whose `times` are used up strikes no more; injecting under a known id replaces that rule and starts it afresh.
 */
export function createVenueFaults(random: Random): VenueFaults {
  const rules = new Map<string, { readonly rule: VenueFaultRule; readonly chance: Random; left: number }>()
  return {
    inject(rule) {
      rules.delete(rule.id)
      rules.set(rule.id, { rule, chance: random.fork(rule.id), left: rule.times ?? Number.POSITIVE_INFINITY })
    },
    clear(id) {
      if (id === undefined) rules.clear()
      else rules.delete(id)
    },
    strike(at) {
      const struck = [...rules.values()].filter(
        (entry) => entry.left > 0 && covers(entry.rule.at, at) && entry.chance.next() < (entry.rule.share ?? 1),
      )
      for (const entry of struck) entry.left -= 1
      return struck.map((entry) => entry.rule.fault)
    },
  }
}

function covers(pattern: string, at: string): boolean {
  return pattern.endsWith('*') ? at.startsWith(pattern.slice(0, -1)) : pattern === at
}
