/** Before every entry of a stream. */
export const streamStart = '0-0'

/** Order of two stream ids, `milliseconds-number`: below 0 when `a` comes first. */
export function compareStreamIds(a: string, b: string): number {
  const [aMs = '0', aNumber = '0'] = a.split('-')
  const [bMs = '0', bNumber = '0'] = b.split('-')
  return Number(aMs) - Number(bMs) || Number(aNumber) - Number(bNumber)
}
