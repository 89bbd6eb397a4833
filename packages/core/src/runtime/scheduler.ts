import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'
import type { CancelTask, Clock } from './clock.js'

/** One piece of work of an operator. It may schedule itself again; only the last request counts, as RxJS has it. */
class ClockAction<State> extends Subscription implements SchedulerAction<State> {
  private cancel: CancelTask | null = null

  constructor(
    private readonly clock: Clock,
    private readonly work: (this: SchedulerAction<State>, state?: State) => void,
  ) {
    super(() => this.forget())
  }

  schedule(state?: State, delay = 0): Subscription {
    if (this.closed) return this
    this.forget()
    this.cancel = this.clock.schedule(this.clock.now() + Math.max(0, delay), () => {
      this.cancel = null
      this.work(state)
      // Work that did not ask for more is over: its resources are let go, and a subscription that holds it forgets it.
      if (this.cancel === null) this.unsubscribe()
    })
    return this
  }

  private forget(): void {
    this.cancel?.()
    this.cancel = null
  }
}

/**
 * An RxJS scheduler on a clock: `interval`, `debounceTime` and the like then follow market time in a backtest. Hand it to every
 * operator that takes one; without it they read the machine's clock and a replay differs.
 *
 * @example
 * interval(1_000, clockScheduler(clock))
 */
export function clockScheduler(clock: Clock): SchedulerLike {
  return {
    now: () => clock.now(),
    schedule<State>(work: (this: SchedulerAction<State>, state?: State) => void, delay = 0, state?: State) {
      return new ClockAction(clock, work).schedule(state, delay)
    },
  }
}
