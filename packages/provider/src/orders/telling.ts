import { BarfinexError, type CancelTask, type Clock, type Log } from '@barfinex/core'

/** How soon it is tried again to tell what the bus did not take, in milliseconds. */
const againMs = 250

/** Whether the bus has refused to take a message: it is away or behind. Any other failure to speak is a defect. */
export function isBusFull(error: unknown): boolean {
  return error instanceof BarfinexError && (error.code === 'bus.overflow' || error.code === 'bus.unavailable')
}

/**
 * Tells everything once and in order, however long the bus takes nothing: what it refuses waits here. What the exchange has done is
 * done; a bus that is full must neither undo it in the ledger nor keep an order from being looked after.
 */
export class Telling {
  private readonly waiting: (() => void)[] = []
  private again: CancelTask | null = null
  private isStopped = false

  constructor(private readonly options: { readonly clock: Clock; readonly log: Log }) {}

  /** Tells now, or after all that waits already; false when it has to wait. */
  tell(say: () => void): boolean {
    if (this.waiting.length === 0 && this.attempt(say)) return true
    this.waiting.push(say)
    this.plan()
    return false
  }

  /** Tries for the last time; what is still not told, the exchange's records tell the next start. */
  stop(): void {
    this.isStopped = true
    this.again?.()
    this.again = null
    this.catchUp()
    if (this.waiting.length === 0) return
    this.options.log.error('the bus has not taken what was to be told', { count: this.waiting.length })
    this.waiting.length = 0
  }

  private attempt(say: () => void): boolean {
    try {
      say()
      return true
    } catch (error) {
      if (!isBusFull(error)) throw error
      if (this.waiting.length === 0) {
        this.options.log.error('the bus takes nothing; what happens to orders is told when it does again', { error })
      }
      return false
    }
  }

  private plan(): void {
    if (this.isStopped) return
    const { clock } = this.options
    this.again ??= clock.schedule(clock.now() + againMs, () => {
      this.again = null
      this.catchUp()
    })
  }

  private catchUp(): void {
    for (let say = this.waiting[0]; say !== undefined; say = this.waiting[0]) {
      if (!this.attempt(say)) {
        this.plan()
        return
      }
      this.waiting.shift()
    }
  }
}
