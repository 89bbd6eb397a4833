import { asyncScheduler, type SchedulerLike, Subscription } from 'rxjs'
import type { Clock } from './clock.js'

/**
 * An RxJS scheduler on a clock: `interval`, `debounceTime` and the like then follow market time in a backtest.
 *
 * @example
 * interval(1_000, clockScheduler(clock))
 */
export function clockScheduler(clock: Clock): SchedulerLike {
  const scheduler: SchedulerLike = {
    now: () => clock.now(),
    schedule(work, delay = 0, state) {
      const subscription = new Subscription()
      // RxJS calls work with an action as `this`, whose schedule() repeats the same work.
      const action = Object.assign(subscription, {
        schedule(nextState?: unknown, nextDelay = 0) {
          if (subscription.closed) return subscription
          const cancel = clock.schedule(clock.now() + nextDelay, () => {
            if (!subscription.closed) work.call(action as never, nextState as never)
          })
          subscription.add(cancel)
          return subscription
        },
      })
      return action.schedule(state, delay)
    },
  }
  return Object.assign(Object.create(asyncScheduler) as SchedulerLike, scheduler)
}
