import type { BookChange, CancelTask, Clock } from '@barfinex/core'

export interface BookChainOptions {
  readonly clock: Clock
  /** Reads the whole book. */
  readonly read: () => Promise<BookChange>
  readonly emit: (change: BookChange) => void
}

/** Changes kept while the book is being read. */
const heldLimit = 5_000
const firstRetryMs = 500
const longestRetryMs = 30_000

/**
 * One market's order book: a whole one first, then every change by its number. Where a number is missing the change is passed on
 * as it is, so that the reader sees the hole and stops using the book, and the whole book is read again.
 */
export class BookChain {
  private last = -1
  /** What came since the whole book was asked for; `null` when the chain holds. */
  private held: BookChange[] | null = []
  private reading = 0
  private retry: CancelTask | null = null

  constructor(private readonly options: BookChainOptions) {}

  /** The stream has begun, again or for the first time. */
  begin(): void {
    this.held = []
    this.ask(firstRetryMs)
  }

  /** The stream is gone: what is being read is of no use any more. */
  stop(): void {
    this.reading += 1
    this.retry?.()
    this.retry = null
    this.held = []
  }

  take(change: BookChange): void {
    if (this.held !== null) {
      this.held.push(change)
      if (this.held.length > heldLimit) this.held.shift()
      return
    }
    const wanted = this.last + 1
    if (change.lastSequence < wanted) return
    if (change.firstSequence > wanted) {
      this.options.emit(change)
      this.held = [change]
      this.ask(firstRetryMs)
      return
    }
    this.last = change.lastSequence
    // The first one after a whole book may begin before its end.
    this.options.emit(change.firstSequence === wanted ? change : { ...change, firstSequence: wanted })
  }

  private ask(retryMs: number): void {
    const { clock, read } = this.options
    this.reading += 1
    const reading = this.reading
    const again = () => {
      this.retry = clock.schedule(clock.now() + retryMs, () => this.ask(Math.min(longestRetryMs, retryMs * 2)))
    }
    read().then(
      (whole) => {
        if (reading !== this.reading || this.held === null) return
        const first = this.held[0]
        // Older than what came since: changes between the two are nowhere.
        if (first !== undefined && first.firstSequence > whole.lastSequence + 1) again()
        else this.chain(whole, this.held)
      },
      () => {
        if (reading === this.reading) again()
      },
    )
  }

  private chain(whole: BookChange, held: readonly BookChange[]): void {
    this.held = null
    this.last = whole.lastSequence
    this.options.emit(whole)
    for (const change of held) this.take(change)
  }
}
