import type { BookChange } from '@barfinex/core'
import { OrderBook } from './order-book.js'

/** What came of a change: `gap` means that the book is unusable until a snapshot chains again. */
export type BookOutcome = 'applied' | 'old' | 'waiting' | 'gap' | 'crossed'

/** Updates kept while waiting for a snapshot. */
const pendingLimit = 1_000

/**
 * One symbol's order book with its sequence check.
 *
 * An update must begin right after the last one; only the first after a snapshot may overlap it. Anything else, and a book whose
 * sides cross, makes the book unusable at once. Updates are then kept, so that a snapshot taken meanwhile can be chained on.
 */
export class BookFollower {
  readonly book = new OrderBook()
  private lastSequence = -1
  private isFresh = false
  private isValid = false
  private pending: BookChange[] = []
  /** Exchange time of the newest change. */
  changedAt = 0

  /** True while the book may be read. */
  get isUsable(): boolean {
    return this.isValid
  }

  get sequence(): number {
    return this.lastSequence
  }

  /** Takes a change; `publish` gets every change that has been applied, in order. */
  take(change: BookChange, publish: (change: BookChange) => void): BookOutcome {
    if (change.kind === 'snapshot') return this.begin(change, publish)
    if (!this.isValid) {
      this.keep(change)
      return 'waiting'
    }
    return this.chain(change, publish)
  }

  /** The feed was lost: only a new snapshot makes the book usable again. */
  invalidate(): void {
    this.isValid = false
    this.pending = []
    this.book.clear()
  }

  private begin(snapshot: BookChange, publish: (change: BookChange) => void): BookOutcome {
    const kept = this.pending
    this.pending = []
    this.isValid = true
    this.isFresh = true
    this.lastSequence = snapshot.lastSequence
    this.book.apply(snapshot)
    this.changedAt = snapshot.occurredAt
    if (this.book.isCrossed) return this.break('crossed')
    publish(snapshot)
    let outcome: BookOutcome = 'applied'
    for (const [index, update] of kept.entries()) {
      const came = this.chain(update, publish)
      if (came === 'old') continue
      outcome = came
      if (came === 'applied') continue
      this.pending.push(...kept.slice(index))
      break
    }
    return outcome
  }

  private chain(update: BookChange, publish: (change: BookChange) => void): BookOutcome {
    const wanted = this.lastSequence + 1
    if (update.lastSequence < wanted) return 'old'
    const isNext = update.firstSequence === wanted || (this.isFresh && update.firstSequence < wanted)
    if (!isNext) {
      this.break('gap')
      this.keep(update)
      return 'gap'
    }
    this.isFresh = false
    this.lastSequence = update.lastSequence
    this.book.apply(update)
    this.changedAt = update.occurredAt
    if (this.book.isCrossed) return this.break('crossed')
    publish(update)
    return 'applied'
  }

  private break(why: 'gap' | 'crossed'): BookOutcome {
    this.invalidate()
    return why
  }

  private keep(update: BookChange): void {
    this.pending.push(update)
    if (this.pending.length > pendingLimit) this.pending.shift()
  }
}
