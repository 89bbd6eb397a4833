import { environmentOf } from '../runtime/environment.js'

/** How many times more a long test run tries. */
const longFactor = 20

/**
 * How often a property is tried: `usual` times, or 20 times that where `BARFINEX_TEST_LONG` is set. A number above 1 in
 * `BARFINEX_TEST_LONG` is the factor itself.
 *
 * @example
 * fc.assert(property, { numRuns: testRuns(100) })
 */
export function testRuns(usual: number): number {
  const setting = environmentOf('BARFINEX_TEST_LONG')
  if (setting === undefined || setting === '' || setting === '0' || setting === 'false') return usual
  const factor = Number(setting)
  return usual * (Number.isFinite(factor) && factor > 1 ? factor : longFactor)
}
