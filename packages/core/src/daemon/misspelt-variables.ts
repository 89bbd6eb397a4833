import { BarfinexError } from '../runtime/error.js'
import { nearest } from '../service/nearest.js'

const ours = 'BARFINEX_'
const daemons = 'BARFINEX_DAEMON_'
/** Variables that are no settings of an option. */
const special: readonly string[] = [
  'BARFINEX_REDIS_PASSWORD',
  'BARFINEX_EXCHANGE_KEY',
  'BARFINEX_EXCHANGE_SECRET',
  'BARFINEX_LLM_API_KEY',
]

/**
 * Finds variables that nobody reads. One of `BARFINEX_DAEMON_…` is refused with the name that was probably meant: all five daemons
 * have the same. Any other may be meant for another service: those that look like one of this service's are named as a warning.
 */
export function misspeltVariables(names: readonly string[], known: readonly string[]): readonly string[] {
  const all = [...known, ...special]
  const unknown = names.filter((name) => name.startsWith(ours) && !all.includes(name)).sort()
  const fault = unknown.find((name) => name.startsWith(daemons))
  if (fault !== undefined) {
    const meant = nearest(fault, all)
    const hint =
      meant === undefined
        ? `There are ${all.filter((it) => it.startsWith(daemons)).join(', ')}`
        : `Did you mean ${meant}`
    const end = meant === undefined ? '.' : '?'
    throw new BarfinexError('config.invalid', `No setting is called ${fault}. ${hint}${end}`)
  }
  return unknown.flatMap((name) => {
    const meant = nearest(
      name.slice(ours.length),
      all.map((it) => it.slice(ours.length)),
    )
    return meant === undefined ? [] : [`no setting of this service is called ${name}; did you mean ${ours}${meant}?`]
  })
}
