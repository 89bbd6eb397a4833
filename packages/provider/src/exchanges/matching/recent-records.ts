/**
 * The newest `limit` records by key; older ones are forgotten. A ring beside the map finds the oldest at once: asking a
 * map that forgets as fast as it learns for its first key means walking over everything it has forgotten.
 */
export class RecentRecords<T> {
  private readonly kept = new Map<string, { readonly value: T }>()
  private readonly ring: { readonly key: string; readonly record: { readonly value: T } }[] = []
  private next = 0

  constructor(private readonly limit: number) {}

  get(key: string): T | undefined {
    return this.kept.get(key)?.value
  }

  has(key: string): boolean {
    return this.kept.has(key)
  }

  /** Adds a record, or puts it in place of the one with the same key. */
  set(key: string, value: T): void {
    const record = { value }
    this.kept.set(key, record)
    const oldest = this.ring[this.next]
    if (oldest !== undefined && this.kept.get(oldest.key) === oldest.record) this.kept.delete(oldest.key)
    this.ring[this.next] = { key, record }
    this.next = (this.next + 1) % this.limit
  }
}
