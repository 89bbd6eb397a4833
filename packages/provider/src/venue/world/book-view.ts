import type { DisplayedLevel } from '../../exchanges/matching/displayed-levels.js'
import type { VenueBook, VenueLevel } from '../venue-world.js'
import { padded } from './amount.js'

/** What has changed in the book since it was last asked. */
export interface BookChanges {
  readonly firstUpdateId: number
  readonly lastUpdateId: number
  /** `lastUpdateId` of the changes before these. */
  readonly previousUpdateId: number
  readonly bids: readonly VenueLevel[]
  readonly asks: readonly VenueLevel[]
}

/** One side: price text to quantity text, best first. */
type Side = Map<string, string>

const none = '0.00000000'

/** The displayed book of a symbol with its update ids: one id per level that changes. */
export class BookView {
  private bids: Side = new Map()
  private asks: Side = new Map()
  private readonly changedBids: Side = new Map()
  private readonly changedAsks: Side = new Map()
  private tell = 0
  private last: number

  constructor(firstUpdateId: number) {
    this.last = firstUpdateId
    this.tell = firstUpdateId
  }

  /** Takes the book as it is now; true when anything differs from before. */
  refresh(bids: readonly DisplayedLevel[], asks: readonly DisplayedLevel[]): boolean {
    const before = this.last
    this.bids = this.replace(this.bids, bids, this.changedBids)
    this.asks = this.replace(this.asks, asks, this.changedAsks)
    return this.last !== before
  }

  /** The changes since the last call; `null` when there are none. */
  takeChanges(): BookChanges | null {
    if (this.last === this.tell) return null
    const changes = {
      firstUpdateId: this.tell + 1,
      lastUpdateId: this.last,
      previousUpdateId: this.tell,
      bids: [...this.changedBids],
      asks: [...this.changedAsks],
    }
    this.tell = this.last
    this.changedBids.clear()
    this.changedAsks.clear()
    return changes
  }

  snapshot(): VenueBook {
    return { lastUpdateId: this.last, bids: [...this.bids], asks: [...this.asks] }
  }

  get updateId(): number {
    return this.last
  }

  get bestBid(): VenueLevel | undefined {
    return this.bids.entries().next().value
  }

  get bestAsk(): VenueLevel | undefined {
    return this.asks.entries().next().value
  }

  private replace(before: Side, levels: readonly DisplayedLevel[], changed: Side): Side {
    const now: Side = new Map()
    for (const { price, quantity } of levels) {
      const [key, shown] = [padded(price), padded(quantity)]
      now.set(key, shown)
      if (before.get(key) !== shown) this.change(changed, key, shown)
    }
    for (const key of before.keys()) if (!now.has(key)) this.change(changed, key, none)
    return now
  }

  private change(changed: Side, price: string, quantity: string): void {
    this.last += 1
    changed.set(price, quantity)
  }
}
