/**
 * The newest ids that were added, `limit` of them at least and twice as many at most; older ones are forgotten, half at a time.
 *
 * To take the oldest out of one set, one by one, costs as much as looking over all that was taken out of it before.
 */
export class RememberedIds {
  private newer = new Set<string>()
  private older: ReadonlySet<string> = new Set()

  constructor(private readonly limit: number) {}

  has(id: string): boolean {
    return this.newer.has(id) || this.older.has(id)
  }

  /** All of them, oldest first. */
  *[Symbol.iterator](): Iterator<string> {
    yield* this.older
    yield* this.newer
  }

  clear(): void {
    this.newer = new Set()
    this.older = new Set()
  }

  /** False when it was there. */
  add(id: string): boolean {
    const { size } = this.newer
    if (this.older.has(id) || this.newer.add(id).size === size) return false
    if (this.newer.size >= this.limit) {
      this.older = this.newer
      this.newer = new Set()
    }
    return true
  }
}
