import type { Reason } from '@barfinex/core'

/**
 * What a refused stop or target is tried again with:
 * `again` as it is, on the newest rules of the instrument (a filter has changed, or nothing is known to be wrong);
 * `alone` without the target beside it, which holds what the stop needs;
 * `joined` as one stop for everything, because the exchange counts orders that wait for a trigger;
 * `later`, because by the ledger others sell what it is to sell, or it has less: it is soon known which;
 * `never`, because it would fire at once: what it waits for has happened.
 */
export type Correction = 'again' | 'alone' | 'joined' | 'later' | 'never'

const late = /would-trigger|immediately-trigger|trigger-immediately/
const counted = /too-many|order-count|max-num/
const short = /insufficient|balance|margin/

/** Reads a refusal. Exchanges that pass on their own words are read by them. */
export function correctionOf(reason: Pick<Reason, 'code' | 'message'> | null): Correction {
  if (reason === null) return 'again'
  const { code } = reason
  if (code === 'order.gateway.oversold' || code === 'order.gateway.nothing-held') return 'later'
  const words = reason.message.toLowerCase()
  if (late.test(code) || late.test(words.replaceAll(' ', '-'))) return 'never'
  if (counted.test(code) || words.includes('max_num_')) return 'joined'
  return short.test(code) ? 'alone' : 'again'
}
