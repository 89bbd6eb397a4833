import type { Clock } from '@barfinex/core'

/** The exchange's clock, as far as it is known here: signatures and validity windows go by it. */
export class ExchangeTime {
  private offsetMs = 0
  private isMeasured = false
  private measuring: Promise<void> | null = null

  constructor(
    private readonly clock: Clock,
    /** Asks the exchange for its time, milliseconds UTC. */
    private readonly ask: () => Promise<number>,
  ) {}

  /** Milliseconds UTC by the exchange's clock. */
  now(): number {
    return this.clock.now() + this.offsetMs
  }

  /** Compares the clocks; a second call meanwhile is the same one. Rejects with what `ask` rejects with. */
  measure(): Promise<void> {
    this.measuring ??= this.compare().finally(() => {
      this.measuring = null
    })
    return this.measuring
  }

  private async compare(): Promise<void> {
    const sentAt = this.clock.now()
    const theirs = await this.ask()
    const gotAt = this.clock.now()
    // The reply was made somewhere between the two: the middle is wrong by half of the way at most. What is known already and
    // lies within that is as good, and may come from a shorter way.
    const offsetMs = theirs - (sentAt + gotAt) / 2
    if (this.isMeasured && Math.abs(offsetMs - this.offsetMs) <= (gotAt - sentAt) / 2) return
    this.isMeasured = true
    this.offsetMs = Math.round(offsetMs)
  }
}
