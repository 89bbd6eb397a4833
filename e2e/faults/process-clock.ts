import type { Clock, VirtualClock } from '@barfinex/core'

/** The clock of one process that can be killed. */
export interface ProcessClock extends Clock {
  /** From now on nothing that this process has planned happens any more. */
  kill(): void
}

/**
 * Makes clocks for processes that live on one virtual clock.
 *
 * Each says that it is the machine's, so everything runs as it does live, and does not stand still for work that waits for a
 * reply: replies take market time here. Between two tasks every promise that can go on goes on, so runs are the same
 * every time.
 */
export function processClocks(inner: VirtualClock): () => ProcessClock {
  let hasMoved = true
  let settling: Promise<void> | null = null
  inner.addBarrier(() => {
    if (!hasMoved) return undefined
    settling ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      settling = null
      hasMoved = false
    })
    return settling
  })
  return () => {
    let isDead = false
    const living = (run: () => void) => () => {
      if (isDead) return
      hasMoved = true
      run()
    }
    return {
      kind: 'system',
      now: () => inner.now(),
      wallMicros: () => 0,
      schedule: (at, run) => (isDead ? () => {} : inner.schedule(at, living(run))),
      every: (everyMs, run) => (isDead ? () => {} : inner.every(everyMs, living(run))),
      hold: (effect) => effect,
      admit: (act) => act(),
      kill() {
        isDead = true
      },
    }
  }
}
