import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { environmentOf } from '../runtime/environment.js'

/**
 * Path of a recorded market file for tests, or `null` where there is none: then the test skips and says so. Recordings by others are
 * not part of the repository; they lie in the folder that `BARFINEX_DATA` names, or in `../shared/data` beside it.
 *
 * @example
 * const path = recordedData('candles/btc.csv')
 * test.skipIf(path === null)('reads a real tape', () => {})
 */
export function recordedData(file: string): string | null {
  const path = resolve(environmentOf('BARFINEX_DATA') ?? '../shared/data', file)
  return existsSync(path) ? path : null
}
