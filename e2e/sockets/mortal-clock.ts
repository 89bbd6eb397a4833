import type { Clock } from '@barfinex/core'

/** The machine's clock as a process has it that may die: nothing that it has planned happens after that. */
export function mortalClock(inner: Clock): Clock & { kill(): void } {
  let isDead = false
  const living = (run: () => void) => () => {
    if (!isDead) run()
  }
  return {
    kind: inner.kind,
    now: () => inner.now(),
    wallMicros: () => inner.wallMicros(),
    schedule: (at, run) => (isDead ? () => {} : inner.schedule(at, living(run))),
    every: (everyMs, run) => (isDead ? () => {} : inner.every(everyMs, living(run))),
    hold: (effect) => inner.hold(effect),
    admit: (act) => inner.admit(act),
    kill() {
      isDead = true
    },
  }
}
