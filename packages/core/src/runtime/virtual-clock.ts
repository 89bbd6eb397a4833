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

/**
 * A clock that jumps from task to task. It stands still while effects are held or a barrier is not clear.
 *
 * Between two tasks nothing asynchronous is waited for but held effects and barriers. After a hold the event loop goes round
 * once before time moves on, so what awaited the effect has run, however many promises it went through.
 */
export interface VirtualClock extends Clock {
  readonly kind: 'virtual'
  /**
   * Runs tasks in order until none is left, `until` is reached, or the signal aborts. A task that throws ends the run with its
   * error; the rest stays scheduled. A second run at the same time is `clock.running`.
   */
  run(options?: RunOptions): Promise<void>
  /** Runs everything due up to and including `at`. */
  advanceTo(at: number): Promise<void>
  advanceBy(ms: number): Promise<void>
  /** Tasks waiting. */
  readonly pendingCount: number
  /** Adds a check that must be clear before time moves on; see {@link VirtualClockOptions.beforeAdvance}. */
  addBarrier(barrier: Barrier): CancelTask
}

type Barrier = () => Promise<void> | undefined

/** How long tasks may keep the event loop to themselves, in wall milliseconds, and how often that is looked at. */
const breathMs = 8
const tasksPerLook = 128
/** While pacing, how long it sleeps at most before it looks for work that came from outside, in wall milliseconds. */
const longestNapMs = 50

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
  let barriers: readonly Barrier[] = options.beforeAdvance ? [options.beforeAdvance] : []
  let now = options.startAt ?? 0
  let heldCount = 0
  let wake: (() => void) | null = null
  let isRunning = false
  /** True while it sleeps between two instants. */
  let isNapping = false
  const admitted: (() => void)[] = []

  function letIn(): void {
    for (let act = admitted.shift(); act !== undefined; act = admitted.shift()) act()
  }

  function uncleared(): Promise<void> | undefined {
    for (const barrier of barriers) {
      const wait = barrier()
      if (wait !== undefined) return wait
    }
    return undefined
  }

  /** Waits until nothing is held and every barrier is clear, or until the run is aborted: an effect may never end. */
  async function standStill(abortSignal: AbortSignal | undefined): Promise<void> {
    while (!abortSignal?.aborted) {
      if (heldCount > 0) {
        await unlessAborted(new Promise<void>((resolve) => (wake = resolve)), abortSignal)
        await nextTurn()
        continue
      }
      const wait = uncleared()
      if (wait === undefined) return
      await unlessAborted(wait, abortSignal)
    }
  }

  async function run({
    until = Number.POSITIVE_INFINITY,
    speed = Number.POSITIVE_INFINITY,
    abortSignal,
  }: RunOptions = {}) {
    if (isRunning)
      throw new BarfinexError('clock.running', 'The virtual clock is running already. Await the first run.')
    if (!(speed > 0)) throw new BarfinexError('options.invalid', `A speed must be above 0, not ${speed}.`)
    isRunning = true
    const isPaced = speed !== Number.POSITIVE_INFINITY
    const anchorWall = performance.now()
    const anchorNow = now
    let lastBreath = anchorWall
    let taskCount = 0
    try {
      for (;;) {
        if (heldCount > 0 || (barriers.length > 0 && uncleared() !== undefined)) await standStill(abortSignal)
        if (abortSignal?.aborted) return
        // Tasks only ever add work for the present or the future, so the head of the queue is always next.
        const next = queue.peek()
        if (admitted.length > 0 && (next === undefined || next.at > now)) {
          letIn()
          continue
        }
        const target = next === undefined || next.at > until ? until : next.at
        if (isPaced && target > now && target !== Number.POSITIVE_INFINITY && !(await nap(target))) continue
        if (next === undefined || next.at > until) {
          if (until !== Number.POSITIVE_INFINITY && until > now) now = until
          return
        }
        const task = next.run as () => void
        queue.remove(next)
        if (next.at > now) now = next.at
        task()
        taskCount += 1
        if (taskCount % tasksPerLook === 0 && performance.now() - lastBreath > breathMs) {
          await nextTurn()
          lastBreath = performance.now()
        }
      }
    } finally {
      isRunning = false
      // An aborted run does not complete its instant, and an act is not lost for that.
      letIn()
    }

    /** Sleeps towards an instant. True when the wall has reached it; false when something nearer may have come meanwhile. */
    async function nap(target: number): Promise<boolean> {
      const dueWall = anchorWall + (target - anchorNow) / speed
      const waitMs = dueWall - performance.now()
      if (waitMs <= 0) return true
      isNapping = true
      await new Promise<void>((resolve) => setTimeout(resolve, Math.min(waitMs, longestNapMs)))
      isNapping = false
      // Between two tasks virtual time follows the wall, so commands from outside carry a true instant. It stops short of the
      // next task, which may have been scheduled meanwhile: a task always runs at its own instant, and a command's
      // instant says which tasks came before it, so that a replay can put it in the same place.
      const passed = Math.floor(anchorNow + (performance.now() - anchorWall) * speed)
      const latest = Math.min(target, queue.peek()?.at ?? target) - 1
      if (passed > now && latest > now) now = Math.min(passed, latest)
      return false
    }
  }

  return {
    kind: 'virtual',
    now: () => now,
    wallMicros: () => Math.round(performance.now() * 1_000),
    schedule(at, run) {
      const task = queue.add(instantFrom(at, now), run)
      return () => queue.remove(task)
    },
    every(everyMs, run) {
      return repeat(this, everyMs, run)
    },
    hold(effect) {
      heldCount += 1
      const release = () => {
        heldCount -= 1
        if (heldCount > 0) return
        wake?.()
        wake = null
      }
      effect.then(release, release)
      return effect
    },
    admit(act) {
      if (isRunning && !isNapping) admitted.push(act)
      else act()
    },
    run,
    advanceTo: (at) => run({ until: at }),
    advanceBy: (ms) => run({ until: now + ms }),
    get pendingCount() {
      return queue.size
    },
    addBarrier(barrier) {
      barriers = [...barriers, barrier]
      return () => {
        barriers = barriers.filter((it) => it !== barrier)
      }
    },
  }
}

function unlessAborted(wait: Promise<void>, abortSignal: AbortSignal | undefined): Promise<void> {
  if (abortSignal === undefined) return wait
  return new Promise((resolve, reject) => {
    const done = () => resolve()
    abortSignal.addEventListener('abort', done, { once: true })
    wait.then(done, reject).finally(() => abortSignal.removeEventListener('abort', done))
  })
}

/** An instant that has passed means now. */
export function instantFrom(at: number, now: number): number {
  if (Number.isNaN(at))
    throw new BarfinexError('options.invalid', 'An instant must be a number of milliseconds, not NaN.')
  return Math.max(at, now)
}

/**
 * Repeats on any clock, on the grid of `everyMs` from now on. The next turn is scheduled before the task runs, so a task that throws
 * does not end it; turns that a late clock has missed are left out.
 */
export function repeat(clock: Pick<Clock, 'now' | 'schedule'>, everyMs: number, task: () => void): CancelTask {
  if (!(everyMs > 0)) throw new BarfinexError('options.invalid', `A period must be above 0 ms, not ${everyMs}.`)
  let at = clock.now()
  let cancel: CancelTask = () => {}
  function turn(): void {
    const late = Math.floor((clock.now() - at) / everyMs)
    at += everyMs * (late + 1)
    cancel = clock.schedule(at, () => {
      turn()
      task()
    })
  }
  turn()
  return () => cancel()
}
