export { givenStrategy, type Judged, judge } from './given-candles.js'
export { lengthen, type WalkOptions, walk } from './walk.js'
