import { chainOf } from '../chain.js'

/** The same, and every judgement is said and journalled, so that "why not" can be asked of each of the million minutes. */
export const engine = chainOf({ passes: 3, evaluations: 'all', isSilent: true })
