import type { Clock } from './clock.js'
import { createSteadyTime } from './steady-time.js'
import { TaskQueue } from './task-queue.js'
import { instantFrom, repeat } from './virtual-clock.js'

const longestTimerMs = 2_147_483_647

/**
 * The machine's clock. One timer serves all tasks, so tasks due together keep the order in which they were scheduled. It follows
 * the time of day but never goes back and never stands still: set back, it goes on a little slower until the two agree.
 *
 * A waiting task keeps the process alive, as any timer does: a bot on the paper exchange has nothing else that would. A desk that
 * is stopped has taken its tasks back, and the process may end.
 */
export function createSystemClock(): Clock {
  const queue = new TaskQueue()
  const now = createSteadyTime(
    () => Date.now(),
    () => performance.now(),
  )
  let timer: NodeJS.Timeout | null = null
  let timerAt = Number.POSITIVE_INFINITY

  function disarm(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    timerAt = Number.POSITIVE_INFINITY
  }

  function arm(): void {
    const next = queue.peek()
    if (next === undefined) disarm()
    if (next === undefined || next.at >= timerAt) return
    disarm()
    timerAt = next.at
    timer = setTimeout(fire, Math.min(Math.max(0, next.at - now()), longestTimerMs))
  }

  function fire(): void {
    disarm()
    const instant = now()
    try {
      for (let next = queue.peek(); next !== undefined && next.at <= instant; next = queue.peek()) {
        const task = next.run as () => void
        queue.remove(next)
        task()
      }
    } finally {
      arm()
    }
  }

  return {
    kind: 'system',
    now,
    wallMicros: () => Math.round(performance.now() * 1_000),
    schedule(at, run) {
      const task = queue.add(instantFrom(at, now()), run)
      arm()
      return () => {
        queue.remove(task)
        if (queue.size === 0) disarm()
      }
    },
    every(everyMs, run) {
      return repeat(this, everyMs, run)
    },
    hold: (effect) => effect,
    admit: (act) => act(),
  }
}
