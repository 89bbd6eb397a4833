import { BarfinexError } from '../runtime/error.js'
import { createWallTimer } from '../runtime/wall-timer.js'

const firstWaitMs = 200
const longestWaitMs = 5_000

export interface BackOffOptions {
  readonly abortSignal: AbortSignal
  /** Told after each failure that is tried again, with what was thrown and the wait before the next try. */
  readonly onWait: (error: unknown, waitMs: number) => void
}

/** Tries until the bus is there, waiting a little longer each time; any other failure is the caller's. */
export async function withBackOff<Result>(attempt: () => Promise<Result>, options: BackOffOptions): Promise<Result> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    options.abortSignal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (!BarfinexError.is(error, 'bus.unavailable') || options.abortSignal.aborted) throw error
      options.onWait(error, waitMs)
      await pause(waitMs, options.abortSignal)
    }
  }
}

/** Waits; rejects with the signal's reason when it aborts. */
export function pause(ms: number, abortSignal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      cancel()
      reject(abortSignal.reason)
    }
    const cancel = createWallTimer().after(ms, () => {
      abortSignal.removeEventListener('abort', leave)
      resolve()
    })
    abortSignal.addEventListener('abort', leave, { once: true })
  })
}
