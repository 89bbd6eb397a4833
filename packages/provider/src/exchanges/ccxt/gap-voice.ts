import type { CancelTask, Clock, Reason } from '@barfinex/core'
import type { GapSink } from '../exchange.js'

/** The same reason is said at most so often, in milliseconds: every word of it makes Provider read the exchange's records. */
const everyMs = 1_000

/** Says that reports may be missing: at once, and when it is said again too soon, once more a little later. */
export class GapVoice {
  private readonly saidAt = new Map<string, number>()
  private readonly waiting = new Map<string, CancelTask>()

  constructor(
    private readonly clock: Clock,
    private readonly sink: GapSink,
  ) {}

  say(reason: Reason): void {
    const { code } = reason
    if (this.waiting.has(code)) return
    const next = (this.saidAt.get(code) ?? Number.NEGATIVE_INFINITY) + everyMs
    if (next <= this.clock.now()) this.speak(reason)
    else {
      this.waiting.set(
        code,
        this.clock.schedule(next, () => this.speak(reason)),
      )
    }
  }

  stop(): void {
    for (const cancel of this.waiting.values()) cancel()
    this.waiting.clear()
  }

  private speak(reason: Reason): void {
    this.waiting.delete(reason.code)
    this.saidAt.set(reason.code, this.clock.now())
    this.sink(reason)
  }
}
