import { BarfinexError, type CancelTask, type Clock, type Log } from '@barfinex/core'

/** How soon it is tried again to tell what the bus did not take, in milliseconds. */
const againMs = 250

/** Whether the bus has refused to take a message: it is away or behind. Any other failure to speak is a defect. */
export function isBusFull(error: unknown): boolean {
  return error instanceof BarfinexError && (error.code === 'bus.overflow' || error.code === 'bus.unavailable')
}

interface Word {
  readonly say: () => void
  /** Of words about the same thing only the newest matters; `null` for what has to be told each time. */
  readonly about: string | null
}

/**
 * Tells everything once and in order, however long the bus takes nothing: what it refuses waits here. What the exchange has done is
 * done; a bus that is full must neither undo it in the ledger nor keep an order from being looked after. Of what is about the same
 * thing only the newest waits.
 */
export class Telling {
  private waiting: Word[] = []
  private again: CancelTask | null = null
  private isStopped = false

  constructor(private readonly options: { readonly clock: Clock; readonly log: Log }) {}

  /** Tells now, or after all that waits already; false when it has to wait. */
  tell(say: () => void, about: string | null = null): boolean {
    if (this.waiting.length === 0 && this.attempt(say)) return true
    if (about !== null) this.waiting = this.waiting.filter((it) => it.about !== about)
    this.waiting.push({ say, about })
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

  /** Nobody is there to answer for what fails otherwise: it must not keep back what comes after it. */
  private catchUp(): void {
    for (let word = this.waiting[0]; word !== undefined; word = this.waiting[0]) {
      try {
        if (!this.attempt(word.say)) {
          this.plan()
          return
        }
      } catch (error) {
        this.options.log.error('what was to be told cannot be told and is dropped', { about: word.about, error })
      }
      // A listener may have spoken meanwhile.
      this.waiting = this.waiting.filter((it) => it !== word)
    }
  }
}
