import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { RememberedIds } from './remembered-ids.js'

/** Where a message stands in its stream: `null` for what has no stream. */
export interface Place {
  /** The entry before the one it is in. */
  readonly before: string
  /** Its position within the entry. */
  readonly index: number
}

/** One reader of one channel. */
export interface Recipient {
  /** `place` is `null` for live data, state, and for what this process said and hands over before the server has it. */
  offer(envelope: Envelope<never>, place: Place | null): void
  close(): unknown
}

const rememberedIds = 65_536

/** Everything one process knows about one channel. */
export class RedisTopic {
  readonly state = new Map<string, Envelope<never>>()
  readonly isDurable: boolean
  readonly isState: boolean
  /** In the order in which they came. Replaced, never changed: who comes or goes while a message is handed over does not disturb it. */
  readers: readonly Recipient[] = []
  droppedCount = 0
  /** Sequence of live data that was seen last, by writer and key. */
  private readonly seqs = new Map<string, number>()
  private readonly tapped = new RememberedIds(rememberedIds)

  constructor(readonly channel: Channel<never>) {
    this.isState = channel.class === 'state'
    this.isDurable = channel.class === 'command' || channel.class === 'fact' || channel.class === 'settled'
  }

  add(reader: Recipient): void {
    this.readers = [...this.readers, reader]
  }

  remove(reader: Recipient): void {
    this.readers = this.readers.filter((it) => it !== reader)
  }

  /** True for the first time that a message is shown to taps. */
  isFirstSight(id: string): boolean {
    return this.tapped.add(id)
  }

  /** Live messages that are missing before this one. */
  missingBefore(instance: string, { source, epoch, key, seq }: Envelope<never>): number {
    const lane = `${instance} ${source} ${epoch} ${key}`
    const last = this.seqs.get(lane)
    if (last === undefined && this.seqs.size >= rememberedIds) this.seqs.clear()
    this.seqs.set(lane, Math.max(seq, last ?? 0))
    return last === undefined ? 0 : Math.max(0, seq - last - 1)
  }
}
