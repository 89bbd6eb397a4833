/** What is possible without checks, life and memory: written for the purpose, used nowhere else. */

/** Bars of one length: numbers in one typed array, nothing kept. */
export class LimitBars {
  private readonly values = new Float64Array(5)
  private end = 0

  constructor(
    private readonly lengthMs: number,
    private readonly onClose: () => void,
  ) {}

  push(at: number, price: number, quantity: number): void {
    const { values } = this
    if (at >= this.end) {
      if (this.end !== 0) this.onClose()
      this.end = at - (at % this.lengthMs) + this.lengthMs
      values.fill(price, 0, 4)
      values[4] = quantity
      return
    }
    if (price > values[1]!) values[1] = price
    else if (price < values[2]!) values[2] = price
    values[3] = price
    values[4]! += quantity
  }
}

/** One side of a book: sorted prices, best last, found by stepping from the touch. */
export class LimitBook {
  private readonly prices = new Float64Array(4_096)
  private readonly quantities = new Float64Array(4_096)
  private length = 0

  constructor(private readonly sign: 1 | -1) {}

  set(price: number, quantity: number): void {
    const { prices, quantities } = this
    const key = this.sign * price
    let index = this.length - 1
    while (index >= 0 && prices[index]! > key) index -= 1
    if (index >= 0 && prices[index] === key) {
      if (quantity !== 0) {
        quantities[index] = quantity
        return
      }
      this.length -= 1
      prices.copyWithin(index, index + 1, this.length + 1)
      quantities.copyWithin(index, index + 1, this.length + 1)
      return
    }
    if (quantity === 0) return
    index += 1
    for (let at = this.length; at > index; at -= 1) {
      prices[at] = prices[at - 1]!
      quantities[at] = quantities[at - 1]!
    }
    prices[index] = key
    quantities[index] = quantity
    this.length += 1
  }

  get best(): number {
    return this.sign * this.prices[this.length - 1]!
  }

  sum(depth: number): number {
    let sum = 0
    for (let index = 1; index <= depth; index += 1) sum += this.sign * this.prices[this.length - index]!
    return sum
  }
}
