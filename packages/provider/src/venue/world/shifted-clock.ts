import type { Clock } from '@barfinex/core'

/** A clock that shows another time and runs at the pace of the first: a tape of last year plays as if it were now. */
export function shiftedClock(clock: Clock, shiftMs: number): Clock {
  return {
    kind: clock.kind,
    now: () => clock.now() + shiftMs,
    wallMicros: () => clock.wallMicros(),
    schedule: (at, task) => clock.schedule(at - shiftMs, task),
    every: (everyMs, task) => clock.every(everyMs, task),
    hold: (effect) => clock.hold(effect),
    admit: (act) => clock.admit(act),
  }
}
