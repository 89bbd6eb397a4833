import type { CancelTask } from './clock.js'

/**
 * Wall time for work at the outer edge: deadlines of connections, frames per second, retries. It runs on while a virtual
 * clock stands still, so nothing it measures may enter a message. Runs in Node and in browsers.
 */
export interface WallTimer {
  /** Milliseconds from an arbitrary start. Never goes back, whatever happens to the machine's date. */
  now(): number
  /** The machine's date in milliseconds UTC, for people and for expiry dates they are shown. */
  date(): number
  /** Runs `task` once, after at least `ms`. */
  after(ms: number, task: () => void): CancelTask
  /** Runs `task` every `ms` until canceled. */
  every(ms: number, task: () => void): CancelTask
}

/**
 * The machine's wall time.
 *
 * @example
 * const cancel = createWallTimer().after(2_000, () => socket.close())
 * cancel()
 */
export function createWallTimer(): WallTimer {
  return {
    now: () => performance.now(),
    date: () => Date.now(),
    after(ms, task) {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    },
    every(ms, task) {
      const timer = setInterval(task, ms)
      return () => clearInterval(timer)
    },
  }
}
