import { Fifo } from '../bus/fifo.js'

/** Keeps one order within the process: what is said while something is being delivered comes after it. */
export interface Kernel {
  readonly counts: { handlerFaults: number; deadLetters: number; queued: number; gaps: number; memoryLosses: number }
  /** Runs at once, or after everything that waits when something is running. */
  post(run: () => void): void
  /** Runs at once, also within something that runs; what is posted meanwhile comes after. */
  turn(run: () => void): void
  /** Reports and counts a handler that failed. */
  fault(error: unknown, channel: string): void
  /** A handler took its time; it has ended. */
  begun(): void
  ended(): void
  /** Resolves when nothing is running and no handler is at work; `undefined` when that is so. */
  settled(): Promise<void> | undefined
}

export function createKernel(onHandlerFault: (error: unknown, channel: string) => void): Kernel {
  const pending = new Fifo<() => void>()
  const counts = { handlerFaults: 0, deadLetters: 0, queued: 0, gaps: 0, memoryLosses: 0 }
  let waiters: (() => void)[] = []
  let isRunning = false
  let inFlight = 0

  function drain(): void {
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) next()
  }

  function turn(run: () => void): void {
    if (isRunning) {
      run()
      return
    }
    isRunning = true
    try {
      run()
      drain()
    } finally {
      isRunning = false
      wake()
    }
  }

  function wake(): void {
    if (isRunning || inFlight > 0 || waiters.length === 0) return
    const waiting = waiters
    waiters = []
    for (const resolve of waiting) resolve()
  }

  return {
    counts,
    post(run) {
      if (isRunning) pending.push(run)
      else turn(run)
    },
    turn,
    fault(error, channel) {
      counts.handlerFaults += 1
      try {
        onHandlerFault(error, channel)
      } catch {
        // Who reports faults must not become one: the count above still tells.
      }
    },
    begun() {
      inFlight += 1
    },
    ended() {
      inFlight -= 1
      wake()
    },
    settled() {
      if (!isRunning && inFlight === 0) return undefined
      return new Promise((resolve) => {
        waiters.push(resolve)
      })
    },
  }
}
