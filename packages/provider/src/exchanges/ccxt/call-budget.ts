import type { Clock } from '@barfinex/core'
import type { Headers } from './load-ccxt.js'
import { RequestFault } from './request-fault.js'

/** `records` keeps the account known; `urgent` protects what is open: stops, exits, cancels and what resolves a doubt. */
export type Urgency = 'normal' | 'records' | 'urgent'

/** How many orders the exchange takes within a stretch of time. */
export interface OrderLimit {
  readonly count: number
  readonly perMs: number
}

/** Share of the exchange's limits, of weight and of orders, that each may fill: the rest is kept for what protects. */
const shares: Readonly<Record<Urgency, number>> = { normal: 0.5, records: 0.75, urgent: 0.95 }
const minuteMs = 60_000
/** How long to stay away when the exchange does not say, in milliseconds: longer than its order window. */
const usualPauseMs = 15_000
const tooManyOrders = -1015

/**
 * Keeps to what the exchange allows. Nobody waits here: a call that may not be sent now is refused at once, so an order never
 * leaves later than it was meant to.
 */
export class CallBudget {
  private limit = 6_000
  private used = 0
  private minute = -1
  private pausedUntil = 0
  private ordersPausedUntil = 0
  private orderLimit: OrderLimit | null = null
  /** When orders left, oldest first, no further back than the limit looks. */
  private orderTimes: number[] = []

  /** `now` is exchange time: its minutes are what is counted by. */
  constructor(
    private readonly clock: Clock,
    private readonly now: () => number,
  ) {}

  /** Weight that may be used in a minute, as the exchange states it. */
  setLimit(weight: number): void {
    if (weight > 0) this.limit = weight
  }

  /** Orders that may be placed, as the exchange states it; `null`: it does not. */
  setOrderLimit(limit: OrderLimit | null): void {
    this.orderLimit = limit
  }

  /** Takes the weight of a call, or says why it may not be sent. */
  take(weight: number, urgency: Urgency, isOrder: boolean): RequestFault | null {
    const until = isOrder ? Math.max(this.pausedUntil, this.ordersPausedUntil) : this.pausedUntil
    const leftMs = until - this.clock.now()
    if (leftMs > 0) {
      return new RequestFault('limited', null, `The exchange wants no calls for another ${leftMs} ms.`, leftMs)
    }
    this.turn()
    if (this.used + weight > this.limit * shares[urgency]) {
      const nextMs = minuteMs - (this.now() % minuteMs)
      return new RequestFault('limited', null, `The weight for ${urgency} calls of this minute is used up.`, nextMs)
    }
    const tooMany = isOrder ? this.countOrder(urgency) : null
    if (tooMany === null) this.used += weight
    return tooMany
  }

  /** Takes over what a reply says about the weight used so far. */
  hear(headers: Headers): void {
    for (const [name, value] of Object.entries(headers)) {
      if (name.toLowerCase() !== 'x-mbx-used-weight-1m') continue
      const used = Number(value)
      this.turn()
      // Replies overtake each other: a lower number of the same minute is an old one.
      if (Number.isFinite(used)) this.used = Math.max(this.used, used)
    }
  }

  /** The exchange said that it is too much. */
  pause(fault: RequestFault): void {
    const pauseMs = fault.retryAfterMs > 0 ? fault.retryAfterMs : usualPauseMs
    const until = this.clock.now() + pauseMs
    if (fault.code === tooManyOrders) this.ordersPausedUntil = Math.max(this.ordersPausedUntil, until)
    else this.pausedUntil = Math.max(this.pausedUntil, until)
  }

  /** Entries may not use up what stops and exits need: an exchange that has had its count takes none of either. */
  private countOrder(urgency: Urgency): RequestFault | null {
    if (this.orderLimit === null) return null
    const { count, perMs } = this.orderLimit
    const now = this.clock.now()
    this.orderTimes = this.orderTimes.filter((at) => at > now - perMs)
    if (this.orderTimes.length < Math.max(1, Math.floor(count * shares[urgency]))) {
      this.orderTimes.push(now)
      return null
    }
    const leftMs = (this.orderTimes[0] ?? now) + perMs - now
    return new RequestFault('limited', null, `The count for ${urgency} orders in ${perMs} ms is used up.`, leftMs)
  }

  private turn(): void {
    const minute = Math.floor(this.now() / minuteMs)
    if (minute === this.minute) return
    this.minute = minute
    this.used = 0
  }
}
