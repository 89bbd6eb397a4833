/** What of core runs in a browser: the messages, the Studio protocol, money, timeframes and wall time. */
export * from './bus/queries.js'
export * from './flow/index.js'
export * from './model/decimal.js'
export * from './model/timeframe.js'
export * from './model/topic-fold.js'
export type { CancelTask } from './runtime/clock.js'
export * from './runtime/error.js'
export * from './runtime/wall-timer.js'
