import type { CancelTask, Clock } from './clock.js'
import { BarfinexError } from './error.js'
import { nextTurn } from './next-turn.js'
import { TaskQueue } from './task-queue.js'

export interface VirtualClockOptions {
  /** First instant, milliseconds UTC. */
  readonly startAt?: number
  /**
   * Asked before time moves on. Return a promise while something outside (a bus across a network) has not yet delivered
   * what belongs to the present instant, else `undefined`.
   */
  readonly beforeAdvance?: () => Promise<void> | undefined
}

export interface RunOptions {
  /** Stop when the next task is later than this; the clock then stands at it. */
  readonly until?: number
  /** Market milliseconds per wall millisecond; `Infinity` (default) never waits. */
  readonly speed?: number
  readonly abortSignal?: AbortSignal
}

/** A clock that jumps from task to task. It stands still while effects are held. */
export interface VirtualClock extends Clock {
  readonly kind: 'virtual'
  /** Runs tasks in order until none is left, `until` is reached, or the signal aborts. */
  run(options?: RunOptions): Promise<void>
  /** Runs everything due up to and including `at`. */
  advanceTo(at: number): Promise<void>
  advanceBy(ms: number): Promise<void>
  /** Tasks waiting. */
  readonly pendingCount: number
  /** Adds a check that must be clear before time moves on; see {@link VirtualClockOptions.beforeAdvance}. */
  addBarrier(barrier: () => Promise<void> | undefined): void
}

const tasksPerBreath = 4_096

/**
 * Makes a virtual clock.
 *
 * @example
 * const clock = createVirtualClock({ startAt: 0 })
 * clock.schedule(1_000, () => {})
 * await clock.advanceTo(5_000)
 * clock.now() // => 5000
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const queue = new TaskQueue()
  const barriers: (() => Promise<void> | undefined)[] = options.beforeAdvance ? [options.beforeAdvance] : []
  let now = options.startAt ?? 0
  let held = 0
  let released: (() => void) | null = null
  let running = false

  async function settle(): Promise<void> {
    for (;;) {
      if (held > 0) {
        await new Promise<void>((resolve) => {
          released = resolve
        })
        continue
      }
      const waits = pendingBarriers()
      if (waits === undefined) return
      await waits
    }
  }

  function pendingBarriers(): Promise<void> | undefined {
    for (const barrier of barriers) {
      const wait = barrier()
      if (wait !== undefined) return wait
    }
    return undefined
  }

  async function run(runOptions: RunOptions = {}): Promise<void> {
    if (running) throw new BarfinexError('clock.running', 'The virtual clock is running already. Await the first run.')
    running = true
    const until = runOptions.until ?? Number.POSITIVE_INFINITY
    const speed = runOptions.speed ?? Number.POSITIVE_INFINITY
    const { abortSignal } = runOptions
    const anchorWall = performance.now()
    const anchorNow = now
    let breath = 0
    try {
      for (;;) {
        // Tasks only ever add work for the present or the future, so the head of the queue is always next.
        if (held > 0) await settle()
        else if (barriers.length > 0 && pendingBarriers() !== undefined) await settle()
        if (abortSignal?.aborted) return
        const next = queue.peek()
        if (next === undefined || next.at > until) {
          if (until !== Number.POSITIVE_INFINITY) {
            if (speed !== Number.POSITIVE_INFINITY) await waitUntilWall(until)
            if (!abortSignal?.aborted && until > now) now = until
          }
          return
        }
        if (speed !== Number.POSITIVE_INFINITY && next.at > now) {
          if (!(await waitUntilWall(next.at))) continue
        }
        queue.take()
        if (next.run === null) continue
        if (next.at > now) now = next.at
        const task = next.run
        next.run = null
        task()
        breath += 1
        if (breath >= tasksPerBreath) {
          breath = 0
          await nextTurn()
        }
      }
    } finally {
      running = false
    }

    /** True when the wall has reached the instant; false when something nearer may have been scheduled meanwhile. */
    async function waitUntilWall(at: number): Promise<boolean> {
      const dueWall = anchorWall + (at - anchorNow) / speed
      const waitMs = dueWall - performance.now()
      if (waitMs <= 0) return true
      const slice = Math.min(waitMs, 50)
      await new Promise<void>((resolve) => setTimeout(resolve, slice))
      if (abortSignal?.aborted) return false
      const wallNow = anchorNow + (performance.now() - anchorWall) * speed
      // Between two tasks virtual time follows the wall, so commands from outside carry a true instant.
      if (wallNow > now) now = Math.min(wallNow < at ? Math.floor(wallNow) : at, at)
      return performance.now() >= dueWall
    }
  }

  return {
    kind: 'virtual',
    now: () => now,
    wallMicros: () => Math.round(performance.now() * 1_000),
    schedule(at, run) {
      const task = queue.add(Math.max(at, now), run)
      return () => {
        task.run = null
      }
    },
    every(everyMs, run) {
      return repeat(this, everyMs, run)
    },
    hold(effect) {
      held += 1
      const release = () => {
        held -= 1
        if (held === 0 && released !== null) {
          const resolve = released
          released = null
          resolve()
        }
      }
      effect.then(release, release)
      return effect
    },
    run,
    advanceTo: (at) => run({ until: at }),
    advanceBy: (ms) => run({ until: now + ms }),
    get pendingCount() {
      return queue.size
    },
    addBarrier(barrier) {
      barriers.push(barrier)
    },
  }
}

/** Repeats on any clock by scheduling the next turn before the task runs, so a throwing task does not end it. */
export function repeat(clock: Pick<Clock, 'now' | 'schedule'>, everyMs: number, task: () => void): CancelTask {
  if (!(everyMs > 0)) throw new BarfinexError('options.invalid', `A period must be above 0 ms, not ${everyMs}.`)
  let at = clock.now()
  let canceled = false
  let cancel: CancelTask = () => {}
  const turn = () => {
    if (canceled) return
    at = Math.max(at + everyMs, clock.now())
    cancel = clock.schedule(at, () => {
      if (canceled) return
      turn()
      task()
    })
  }
  turn()
  return () => {
    canceled = true
    cancel()
  }
}
