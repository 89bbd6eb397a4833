import type { Envelope } from '../bus/envelope.js'

/** One message that waits or is being handled. */
export interface Item {
  readonly envelope: Envelope<never>
  /** The entry it came in; `null` while only this process knows it. */
  entry: Work | null
  /** A process before this one has not come to its end with it. */
  readonly isForeign: boolean
}

/** An entry that was read and is not acknowledged. */
export interface Work {
  readonly id: string
  readonly frame: Buffer
  /** Messages in it that are not done. */
  openCount: number
  /** Made ours, and the attempt counted, once for all its messages; `null` before. */
  claiming: Promise<void> | null
}
