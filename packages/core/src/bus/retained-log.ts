/** The newest messages of a channel, by position since the start; older ones are forgotten one by one. */
export class RetainedLog<Item> {
  private readonly items: Item[] = []
  /** Position after the newest item. */
  end = 0

  constructor(private readonly capacity: number) {}

  /** Position of the oldest item that is still held. */
  get start(): number {
    return this.end - this.items.length
  }

  push(item: Item): void {
    if (this.capacity === 0) {
      this.end += 1
      return
    }
    if (this.items.length < this.capacity) this.items.push(item)
    else this.items[this.end % this.capacity] = item
    this.end += 1
  }

  /** Everything held from `position` on, oldest first. */
  from(position: number): Item[] {
    const first = Math.max(position, this.start)
    const found: Item[] = []
    for (let at = first; at < this.end; at += 1) found.push(this.items[at % this.capacity] as Item)
    return found
  }

  clear(): void {
    this.items.length = 0
  }
}
