import {
  type StudioFrame,
  type StudioPayload,
  type StudioTopic,
  type StudioTopicName,
  studioTopicNames,
  studioTopics,
  TopicFold,
} from '@barfinex/core/browser'

/** What a desk looks like, by topic: bounded lists, the last touched at the end. Lists that did not change stay the same. */
export type StudioView = {
  readonly [Name in StudioTopicName]: readonly StudioPayload<Name>[]
} & {
  /** Kernel time of the last frame; 0 before the first. */
  readonly at: number
}

/** One message that is new or different from what was known. */
export interface StudioChange {
  readonly topic: StudioTopicName
  readonly payload: unknown
}

export type FoldableFrame = Extract<StudioFrame, { type: 'snapshot' | 'changes' }>

export interface FoldResult {
  readonly changes: readonly StudioChange[]
  /** True when a frame was missed: what is shown may be wrong until a snapshot has come. */
  readonly isGap: boolean
  /** Messages that are not what their topic's schema says; they were left out. */
  readonly refusedCount: number
}

/**
 * Folds frames into a view. A snapshot and the changes after it give the same as all changes from the start, however they
 * were cut into frames.
 */
export class ViewFold {
  private readonly folds = new Map<StudioTopicName, TopicFold<unknown>>()
  private readonly lists = new Map<StudioTopicName, readonly unknown[]>()
  private position: number | null = null
  private at = 0
  private last: StudioView | null = null

  /** `isPartial`: only some topics are followed, so cursors may jump. */
  constructor(private readonly isPartial = false) {
    for (const name of studioTopicNames)
      this.folds.set(name, new TopicFold<unknown>(studioTopics[name] as StudioTopic<unknown>))
  }

  /** Position of the last frame; `null` before the first snapshot. */
  get cursor(): number | null {
    return this.position
  }

  apply(frame: FoldableFrame): FoldResult {
    this.last = null
    this.at = frame.at
    if (frame.type === 'snapshot') return this.replace(frame.cursor, frame.topics)
    if (this.position === null) return { changes: [], isGap: true, refusedCount: 0 }
    const step = frame.cursor - this.position
    const isLive = studioTopics[frame.topic].isLive
    const isNext = this.isPartial ? step >= 0 : step === (isLive ? 0 : 1)
    if (!isNext) return { changes: [], isGap: true, refusedCount: 0 }
    this.position = frame.cursor
    const changes: StudioChange[] = []
    const refusedCount = this.put(frame.topic, frame.messages, (payload) =>
      changes.push({ topic: frame.topic, payload }),
    )
    return { changes, isGap: false, refusedCount }
  }

  /** Takes note of the time where nothing else changed. */
  tick(at: number): void {
    if (at === this.at) return
    this.at = at
    this.last = null
  }

  view(): StudioView {
    if (this.last !== null) return this.last
    const view: Record<string, unknown> = { at: this.at }
    for (const name of studioTopicNames) {
      let list = this.lists.get(name)
      if (list === undefined) {
        list = this.fold(name).list()
        this.lists.set(name, list)
      }
      view[name] = list
    }
    this.last = view as unknown as StudioView
    return this.last
  }

  private replace(cursor: number, topics: Readonly<Partial<Record<StudioTopicName, readonly unknown[]>>>): FoldResult {
    const changes: StudioChange[] = []
    let refusedCount = 0
    for (const name of studioTopicNames) {
      const { idOf } = studioTopics[name] as StudioTopic<unknown>
      const before = new Map(
        this.fold(name)
          .list()
          .map((it) => [idOf(it), JSON.stringify(it)]),
      )
      this.fold(name).clear()
      this.lists.delete(name)
      refusedCount += this.put(name, topics[name] ?? [], (payload) => {
        if (before.get(idOf(payload)) !== JSON.stringify(payload)) changes.push({ topic: name, payload })
      })
    }
    this.position = cursor
    return { changes, isGap: false, refusedCount }
  }

  private put(name: StudioTopicName, messages: readonly unknown[], tell: (payload: unknown) => void): number {
    const { schema } = studioTopics[name]
    const fold = this.fold(name)
    let refused = 0
    for (const message of messages) {
      const parsed = schema.safeParse(message)
      if (!parsed.success) {
        refused += 1
        continue
      }
      fold.apply(parsed.data)
      tell(parsed.data)
    }
    this.lists.delete(name)
    return refused
  }

  private fold(name: StudioTopicName): TopicFold<unknown> {
    return this.folds.get(name) as TopicFold<unknown>
  }
}
