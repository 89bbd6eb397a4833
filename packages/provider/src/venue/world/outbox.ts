import type { CancelTask, Clock } from '@barfinex/core'

/**
 * Hands events on in the order in which they happened, each after a delay of its own but never before an earlier one. What is due at
 * once waits for {@link Outbox.flush}, so nobody is called while the venue is in the middle of an act.
 */
export class Outbox<T> {
  private readonly waiting: { readonly event: T; readonly dueAt: number }[] = []
  private lastDueAt = Number.NEGATIVE_INFINITY
  private cancel: CancelTask | null = null
  private isFlushing = false

  constructor(
    private readonly clock: Clock,
    private readonly delayMs: () => number,
    private readonly deliver: (event: T) => void,
  ) {}

  push(event: T): void {
    this.lastDueAt = Math.max(this.lastDueAt, this.clock.now() + this.delayMs())
    this.waiting.push({ event, dueAt: this.lastDueAt })
  }

  /** Delivers what is due and plans the rest. */
  flush(): void {
    if (this.isFlushing) return
    this.isFlushing = true
    try {
      for (;;) {
        const next = this.waiting[0]
        if (next === undefined || next.dueAt > this.clock.now()) break
        this.waiting.shift()
        this.deliver(next.event)
      }
    } finally {
      this.isFlushing = false
    }
    this.cancel?.()
    const next = this.waiting[0]
    this.cancel = next === undefined ? null : this.clock.schedule(next.dueAt, () => this.flush())
  }

  close(): void {
    this.cancel?.()
    this.waiting.length = 0
  }
}
