import type { StudioTopic } from '../flow/studio-topics.js'

/**
 * What both ends of the Studio protocol keep of one topic: the last value of each id in the order of last touch, cut to the
 * topic's limits.
 *
 * The result depends only on which id was touched last when, never on how messages were batched: folding a conflated batch
 * (the list of another fold) is folding its messages one by one. That makes "snapshot, then changes" equal to everything.
 */
export class TopicFold<Payload> {
  private readonly entries = new Map<string, Payload>()
  /** Ids of each group, in order of last touch. */
  private readonly groups = new Map<string, Set<string>>()

  constructor(private readonly topic: StudioTopic<Payload>) {}

  get size(): number {
    return this.entries.size
  }

  get(id: string): Payload | undefined {
    return this.entries.get(id)
  }

  apply(payload: Payload): void {
    const { topic, entries } = this
    const id = topic.idOf(payload)
    entries.delete(id)
    entries.set(id, payload)
    if (topic.groupOf !== null) {
      const group = topic.groupOf(payload)
      let ids = this.groups.get(group)
      if (ids === undefined) {
        ids = new Set()
        this.groups.set(group, ids)
      }
      ids.delete(id)
      ids.add(id)
      if (ids.size > topic.limit) {
        const oldest = first(ids)
        ids.delete(oldest)
        entries.delete(oldest)
      }
    }
    if (entries.size > topic.total) this.dropOldest()
  }

  /** Oldest touch first. */
  list(): Payload[] {
    return [...this.entries.values()]
  }

  clear(): void {
    this.entries.clear()
    this.groups.clear()
  }

  private dropOldest(): void {
    const id = first(this.entries.keys())
    const payload = this.entries.get(id) as Payload
    this.entries.delete(id)
    const { groupOf } = this.topic
    if (groupOf === null) return
    const group = groupOf(payload)
    const ids = this.groups.get(group)
    ids?.delete(id)
    if (ids?.size === 0) this.groups.delete(group)
  }
}

function first(ids: Iterable<string>): string {
  for (const id of ids) return id
  throw new Error('An empty collection has no first id.')
}
