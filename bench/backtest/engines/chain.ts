import { chainOf } from '../chain.js'

/** The whole desk: every cross signals, walks the eight stages, is sized and judged, and its orders are matched. */
export const engine = chainOf({ passes: 1, evaluations: 'signals' })
