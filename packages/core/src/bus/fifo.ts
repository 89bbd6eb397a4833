/** A queue whose head moves instead of its elements: taking from a long one costs as little as from a short one. */
export class Fifo<Item> {
  private items: (Item | undefined)[] = []
  private head = 0
  /** Items waiting. */
  length = 0

  push(item: Item): void {
    this.items.push(item)
    this.length += 1
  }

  shift(): Item | undefined {
    if (this.head === this.items.length) return undefined
    const item = this.items[this.head]
    this.items[this.head] = undefined
    this.head += 1
    this.length -= 1
    if (this.head === this.items.length) {
      this.items.length = 0
      this.head = 0
    } else if (this.head >= 1_024 && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
    return item
  }

  /** Puts `item` in the place of the first waiting one that matches; false when none does. */
  replace(matches: (item: Item) => boolean, item: Item): boolean {
    for (let index = this.head; index < this.items.length; index += 1) {
      if (!matches(this.items[index] as Item)) continue
      this.items[index] = item
      return true
    }
    return false
  }

  clear(): void {
    this.items = []
    this.head = 0
    this.length = 0
  }

  /** Number of waiting items that match. */
  count(matches: (item: Item) => boolean): number {
    let count = 0
    for (let index = this.head; index < this.items.length; index += 1) {
      if (matches(this.items[index] as Item)) count += 1
    }
    return count
  }
}
