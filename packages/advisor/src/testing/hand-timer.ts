import type { WallTimer } from '@barfinex/core'

/** Wall time that a test moves by hand. */
export interface HandTimer extends WallTimer {
  /** Moves time on and runs what has become due, in order. */
  pass(ms: number): void
  /** Tasks that wait. */
  readonly pendingCount: number
}

/** Makes a timer that stands at 0 until it is moved. */
export function createHandTimer(): HandTimer {
  let now = 0
  let count = 0
  const tasks = new Map<number, { readonly at: number; readonly run: () => void }>()
  const add = (at: number, run: () => void) => {
    count += 1
    const id = count
    tasks.set(id, { at, run })
    return () => void tasks.delete(id)
  }
  const timer: HandTimer = {
    now: () => now,
    date: () => now,
    after: (ms, run) => add(now + ms, run),
    every(ms, run) {
      let cancel = () => {}
      const turn = () => {
        cancel = timer.after(ms, () => {
          turn()
          run()
        })
      }
      turn()
      return () => cancel()
    },
    pass(ms) {
      const until = now + ms
      for (;;) {
        const due = [...tasks].filter(([, it]) => it.at <= until).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0]
        if (due === undefined) break
        const [id, { at, run }] = due
        tasks.delete(id)
        now = at
        run()
      }
      now = until
    },
    get pendingCount() {
      return tasks.size
    },
  }
  return timer
}
