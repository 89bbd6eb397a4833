import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { BarfinexError } from '@barfinex/core'
import { readDescription } from '@barfinex/core/daemon'
import { defineStrategy, type Strategy, type StrategyOptions } from '@barfinex/detector'
import { readyStrategies } from '../run/default-desk.js'

/** A strategy by the name of a ready one, or by the path of a module (`.ts`, `.js`) or a JSON file. */
export async function loadStrategy(name: string): Promise<Strategy> {
  const ready = readyStrategies.find((it) => it.id === name)
  if (ready !== undefined) return ready
  const path = resolve(name)
  if (!existsSync(path)) {
    const known = readyStrategies.map((it) => it.id).join(', ')
    throw new BarfinexError('config.not-found', `There is no strategy "${name}". Give a path, or one of ${known}.`)
  }
  const described = await readDescription(path, 'strategy.invalid')
  const isStrategy = typeof described === 'object' && described !== null
  if (!isStrategy) {
    throw new BarfinexError(
      'strategy.invalid',
      `${name} exports no strategy. End it with "export default defineStrategy({ … })".`,
    )
  }
  return 'hash' in described ? genuine(name, described as Strategy) : defineStrategy(described as StrategyOptions)
}

/**
 * A module may bring another copy of the package, so a strategy is not known by its origin: it is one when its description makes the
 * same strategy again.
 */
function genuine(name: string, { hash, trigger, ...described }: Strategy): Strategy {
  const again = defineStrategy(described)
  if (again.hash === hash && again.trigger === trigger) return again
  throw new BarfinexError(
    'strategy.invalid',
    `What ${name} exports was not made by defineStrategy, or was changed after it. End it with "export default defineStrategy({ … })".`,
  )
}
