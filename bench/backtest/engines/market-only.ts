import { chainOf } from '../chain.js'

/** The desk with a strategy that is judged at every close and never signals: what a candle costs by itself. */
export const engine = chainOf({ passes: 3, evaluations: 'signals', isSilent: true })
