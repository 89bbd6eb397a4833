import type { ProbabilityInterval } from './venn-abers.js'

/**
 * Wilson's score interval for a proportion.
 *
 * @param z Standard normal quantile; 1.2816 leaves one in ten below the lower end.
 */
export function wilsonInterval(proportion: number, count: number, z: number): ProbabilityInterval {
  if (count <= 0) return { low: 0, high: 1 }
  const z2 = z * z
  const centre = (proportion + z2 / (2 * count)) / (1 + z2 / count)
  const half = (z / (1 + z2 / count)) * Math.sqrt((proportion * (1 - proportion)) / count + z2 / (4 * count * count))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}
