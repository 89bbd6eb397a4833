import type { CancelTask, Clock } from '@barfinex/core'

export interface RulesWatchOptions {
  readonly clock: Clock
  /** They are read again so often, in milliseconds. */
  readonly everyMs: number
  /** Reads them. Whatever fails is its own affair. */
  readonly read: () => Promise<void>
  /** True while something that is served does not trade. */
  readonly isHalted: () => boolean
}

/** While something does not trade it is looked at so often, so that the end of a halt is not missed. In milliseconds. */
const haltedMs = 5_000
/** A refusal is told after so long at the latest, whether or not the rules have been read by then, in milliseconds. */
const patienceMs = 1_000
/** Doubt does not have them read more often than this, in milliseconds. */
const leastMs = 1_000

/**
 * Keeps rules and states of the symbols fresh: on a timer, more often during a halt, and at once when the exchange refuses what
 * they allow.
 */
export class RulesWatch {
  private tasks: CancelTask[] = []
  private reading: Promise<void> | null = null
  private readAt = Number.NEGATIVE_INFINITY

  constructor(private readonly options: RulesWatchOptions) {}

  start(): void {
    const { clock, everyMs, isHalted } = this.options
    this.tasks = [
      clock.every(everyMs, () => void this.read()),
      clock.every(haltedMs, () => void (isHalted() ? this.read() : undefined)),
    ]
  }

  stop(): void {
    for (const cancel of this.tasks.splice(0)) cancel()
  }

  /** The exchange has refused what the rules known here allow. Resolves when the newest are known, or after a second. */
  async doubt(): Promise<void> {
    const { clock } = this.options
    if (this.reading === null && clock.now() - this.readAt < leastMs) return
    let cancel: CancelTask = () => {}
    const late = new Promise<void>((resolve) => {
      cancel = clock.schedule(clock.now() + patienceMs, resolve)
    })
    await Promise.race([this.read(), late]).finally(cancel)
  }

  private read(): Promise<void> {
    this.reading ??= this.options.read().finally(() => {
      this.reading = null
      this.readAt = this.options.clock.now()
    })
    return this.reading
  }
}
