export * from './bus/bus.js'
export * from './bus/envelope.js'
export * from './bus/first-words.js'
export * from './bus/memory-bus.js'
export * from './bus/observe.js'
export * from './bus/queries.js'
export * from './bus/query.js'
export type * from './flow/index.js'
export * as schemas from './flow/index.js'
export {
  channels,
  defineChannel,
  flow,
  studioClose,
  studioProtocol,
  studioTopicNames,
  studioTopics,
} from './flow/index.js'
export * from './journal/canonical.js'
export type { CheckpointOptions } from './journal/checkpointing.js'
export * from './journal/explain.js'
export * from './journal/fact-chain.js'
export * from './journal/file-journal.js'
export * from './journal/journal.js'
export * from './journal/make-directory.js'
export * from './journal/memory-journal.js'
export type { PastKeeper } from './journal/past-keeper.js'
export * from './model/approval.js'
export * from './model/balances.js'
export * from './model/candle-ring.js'
export * from './model/decimal.js'
export * from './model/instrument-rules.js'
export * from './model/order-states.js'
export * from './model/position.js'
export * from './model/scope-cover.js'
export * from './model/timeframe.js'
export * from './model/topic-fold.js'
export * from './runtime/clock.js'
export * from './runtime/entropy.js'
export * from './runtime/environment.js'
export * from './runtime/error.js'
export * from './runtime/freeze-deep.js'
export * from './runtime/ids.js'
export * from './runtime/log.js'
export * from './runtime/random.js'
export * from './runtime/runtime.js'
export * from './runtime/scheduler.js'
export * from './runtime/system-clock.js'
export {
  createVirtualClock,
  type RunOptions,
  type VirtualClock,
  type VirtualClockOptions,
} from './runtime/virtual-clock.js'
export * from './runtime/wall-timer.js'
export * from './service/define-desk.js'
export * from './service/lease.js'
export * from './service/lifeline.js'
export * from './service/parse-options.js'
export * from './service/resolve-runtime.js'
export * from './service/service.js'
export * from './service/warm-up.js'
