import type { Envelope } from '../bus/envelope.js'
import { RememberedIds } from '../bus/remembered-ids.js'
import type { Channel } from '../flow/channel.js'

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

/** What one bus says by one writer on one key. */
interface LiveLane {
  readonly instance: string
  readonly source: string
  readonly epoch: number
  /** The newest number that has come; -1 before the first. */
  seq: number
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
  /** Sequence of live data that was seen last, by key and writer: mostly a key has one. */
  private readonly lanes = new Map<string, LiveLane[]>()
  private laneCount = 0
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
  missingBefore(instance: string, envelope: Envelope<never>): number {
    const { seq } = envelope
    const lane = this.laneOf(instance, envelope)
    const missing = lane.seq < 0 ? 0 : Math.max(0, seq - lane.seq - 1)
    lane.seq = Math.max(seq, lane.seq)
    return missing
  }

  private laneOf(instance: string, { source, epoch, key }: Envelope<never>): LiveLane {
    let lanes = this.lanes.get(key)
    for (const lane of lanes ?? [])
      if (lane.instance === instance && lane.source === source && lane.epoch === epoch) return lane
    if (this.laneCount >= rememberedIds) {
      this.lanes.clear()
      this.laneCount = 0
      lanes = undefined
    }
    const lane: LiveLane = { instance, source, epoch, seq: -1 }
    this.laneCount += 1
    if (lanes === undefined) this.lanes.set(key, [lane])
    else lanes.push(lane)
    return lane
  }
}
