import type { Clock } from './clock.js'
import { TaskQueue } from './task-queue.js'
import { repeat } from './virtual-clock.js'

const longestTimerMs = 2_147_483_647

/** The machine's clock. One timer serves all tasks, so tasks due together keep the order in which they were scheduled. */
export function createSystemClock(): Clock {
  const queue = new TaskQueue()
  let last = 0
  let timer: NodeJS.Timeout | null = null
  let timerAt = Number.POSITIVE_INFINITY

  // The operating system may set its clock back; readers must never see that.
  const now = () => {
    const wall = Date.now()
    if (wall > last) last = wall
    return last
  }

  function arm(): void {
    const next = queue.peek()
    if (next === undefined || next.at >= timerAt) return
    if (timer !== null) clearTimeout(timer)
    timerAt = next.at
    timer = setTimeout(fire, Math.min(Math.max(0, next.at - now()), longestTimerMs))
  }

  function fire(): void {
    timer = null
    timerAt = Number.POSITIVE_INFINITY
    const instant = now()
    try {
      for (;;) {
        const next = queue.peek()
        if (next === undefined || next.at > instant) break
        queue.take()
        const run = next.run
        next.run = null
        run?.()
      }
    } finally {
      arm()
    }
  }

  function dropCanceled(): void {
    for (let next = queue.peek(); next !== undefined && next.run === null; next = queue.peek()) queue.take()
    if (queue.size === 0 && timer !== null) {
      clearTimeout(timer)
      timer = null
      timerAt = Number.POSITIVE_INFINITY
    }
  }

  return {
    kind: 'system',
    now,
    wallMicros: () => Math.round(performance.now() * 1_000),
    schedule(at, run) {
      const task = queue.add(Math.max(at, now()), run)
      arm()
      return () => {
        task.run = null
        dropCanceled()
      }
    },
    every(everyMs, run) {
      return repeat(this, everyMs, run)
    },
    hold: (effect) => effect,
  }
}
