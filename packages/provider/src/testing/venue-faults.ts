import type { Order } from '@barfinex/core'
import type { ExchangeReport } from '../exchanges/exchange.js'

/** What becomes of one request on its way to the venue and back. */
export interface RequestFate {
  /** False when it never reaches the venue. */
  readonly arrives: boolean
  /** Milliseconds until the venue acts on it. */
  readonly travelMs: number
  /** What the caller hears: the reply, after a while that there is none, or nothing at all. */
  readonly reply: 'heard' | 'noticed' | 'silent'
  /** Milliseconds from the venue's act to the reply, or from the request to the notice that it is missing. */
  readonly replyMs: number
}

/** What happens to requests and reports. Change it while the test runs; every member stands alone. */
export interface VenueFaults {
  /** `purpose` is that of the order it is about; `null` for one the venue has never seen. */
  request: (action: 'submit' | 'cancel', purpose: Order['purpose'] | null) => RequestFate
  /** Delays in milliseconds of each copy of a report on the user stream; none when it is lost. */
  deliver: (report: ExchangeReport) => readonly number[]
  /** Milliseconds until a question about records is answered. */
  questionMs: () => number
  /** Records, fills and the account cannot be read, and requests fail at once. */
  isUnreachable: boolean
  /** Orders and fills are not in the records for so long after they happened, in milliseconds. */
  indexingMs: number
  /** The account is shown as it was so long ago, in milliseconds. */
  staleMs: number
  /** The venue's clock runs ahead of ours by so much, in milliseconds; it never goes back. */
  skewMs: number
}

/** A venue next door without trouble: a few milliseconds either way. */
export function noFaults(): VenueFaults {
  return {
    request: () => ({ arrives: true, travelMs: 5, reply: 'heard', replyMs: 5 }),
    deliver: () => [8],
    questionMs: () => 10,
    isUnreachable: false,
    indexingMs: 0,
    staleMs: 0,
    skewMs: 0,
  }
}
