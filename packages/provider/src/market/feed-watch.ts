import type { CancelTask, Clock, Feed } from '@barfinex/core'

/** Trouble with a feed; several may stand at once, the first in this order is shown. */
type Trouble = 'lost' | 'gap' | 'stale'
const gravest: readonly Trouble[] = ['lost', 'gap', 'stale']
/** Who says so: the exchange's connection, our check of the book, or the watchdog. Each takes back only its own. */
type Witness = 'feed' | 'book' | 'watchdog'

export interface FeedWatchOptions {
  readonly symbol: string
  readonly clock: Clock
  /** Without any event for so long the feed is stale, in milliseconds. */
  readonly staleAfterMs: number
  readonly onState: (feed: Feed) => void
}

/** Whether one symbol's market data may be acted upon: state, age and counts. Its watchdog runs on the clock. */
export class FeedWatch {
  private readonly troubles = new Map<`${Trouble}.${Witness}`, string>()
  private state: Feed['state'] = 'starting'
  private code = 'market.feed.starting'
  private since: number
  /** `NaN` before the first: a number that is sometimes `null` would be a new object at every event. */
  private lastEventAt = Number.NaN
  private heardAt: number
  private timer: CancelTask | null = null
  private publishedCounts = 0
  refusedCount = 0
  gapCount = 0

  constructor(private readonly options: FeedWatchOptions) {
    this.since = options.clock.now()
    this.heardAt = this.since
  }

  /** Says the present state and starts the watchdog. */
  start(): void {
    this.heardAt = this.options.clock.now()
    this.publish()
    this.arm()
  }

  stop(): void {
    this.timer?.()
    this.timer = null
  }

  /** A good event came. */
  hear(occurredAt: number): void {
    this.lastEventAt = occurredAt
    this.heardAt = this.options.clock.now()
    if (this.state === 'live') return
    this.troubles.delete('stale.watchdog')
    this.troubles.delete('stale.feed')
    this.settle()
  }

  /** An event was refused at the edge. */
  refuse(): void {
    this.refusedCount += 1
  }

  /** `code` says why. A gap is counted. */
  trouble(trouble: Trouble, witness: Witness, code: string): void {
    if (trouble === 'gap' && !this.troubles.has(`gap.${witness}`)) this.gapCount += 1
    this.troubles.set(`${trouble}.${witness}`, code)
    this.settle()
  }

  clear(trouble: Trouble, witness: Witness): void {
    if (this.troubles.delete(`${trouble}.${witness}`)) this.settle()
  }

  get feed(): Feed {
    return {
      symbol: this.options.symbol,
      state: this.state,
      code: this.code,
      since: this.since,
      lastEventAt: Number.isNaN(this.lastEventAt) ? null : this.lastEventAt,
      refusedCount: this.refusedCount,
      gapCount: this.gapCount,
    }
  }

  private settle(): void {
    let state: Feed['state'] = Number.isNaN(this.lastEventAt) ? 'starting' : 'live'
    let code: string | undefined
    for (const trouble of gravest) {
      code = this.codeOf(trouble)
      if (code === undefined) continue
      state = trouble
      break
    }
    code ??= `market.feed.${state}`
    if (state === this.state && code === this.code) return
    this.state = state
    this.code = code
    this.since = this.options.clock.now()
    this.publish()
  }

  private codeOf(trouble: Trouble): string | undefined {
    const { troubles } = this
    return troubles.get(`${trouble}.feed`) ?? troubles.get(`${trouble}.book`) ?? troubles.get(`${trouble}.watchdog`)
  }

  private publish(): void {
    this.publishedCounts = this.refusedCount + this.gapCount
    this.options.onState(this.feed)
  }

  /** One task at a time, set for when the newest event grows old: costs nothing per event. */
  private arm(): void {
    this.timer = this.options.clock.schedule(this.heardAt + this.options.staleAfterMs, this.look)
  }

  private readonly look = (): void => {
    const { clock, staleAfterMs } = this.options
    if (clock.now() - this.heardAt >= staleAfterMs) {
      this.trouble('stale', 'watchdog', 'market.feed.no-data')
      this.heardAt = clock.now()
    }
    if (this.refusedCount + this.gapCount !== this.publishedCounts) this.publish()
    this.arm()
  }
}
