/** The rule that the reference peers share: two averages cross, momentum agrees, and a risk gate has three limits. */
export class Crossing {
  private readonly closes: number[] = []
  private fast = Number.NaN
  private slow = Number.NaN
  private gain = 0
  private loss = 0
  private range = 0
  private position = 0
  private sent: number[] = []
  private orderNumber = 0

  /** Takes a closed candle; returns the order as text, or `null`. */
  candle(symbol: string, high: number, low: number, close: number, at: number): string | null {
    const { closes, fast, slow } = this
    const last = closes.at(-1) ?? close
    closes.push(close)
    if (closes.length > 30) closes.shift()
    const change = close - last
    this.gain += (Math.max(0, change) - this.gain) / 14
    this.loss += (Math.max(0, -change) - this.loss) / 14
    this.range += (Math.max(high, last) - Math.min(low, last) - this.range) / 14
    this.fast = closes.length < 30 ? Number.NaN : mean(closes, 20)
    this.slow = closes.length < 30 ? Number.NaN : mean(closes, 0)
    const rsi = this.gain + this.loss === 0 ? 50 : (100 * this.gain) / (this.gain + this.loss)
    let side = 0
    if (fast <= slow && this.fast > this.slow && rsi < 80) side = 1
    else if (fast >= slow && this.fast < this.slow && rsi > 20) side = -1
    if (side === 0 || this.position === side) return null
    const quantity = 1
    this.sent = this.sent.filter((it) => it > at - 60_000)
    if (close * quantity > 100_000 || Math.abs(this.position + side) > 1 || this.sent.length >= 10) return null
    this.position += side
    this.sent.push(at)
    this.orderNumber += 1
    return JSON.stringify({
      clientOrderId: `order-${this.orderNumber}`,
      symbol,
      side: side > 0 ? 'buy' : 'sell',
      type: 'market',
      quantity: quantity.toFixed(3),
      stopPrice: (close - side * 4 * this.range).toFixed(2),
      targetPrice: (close + side * 8 * this.range).toFixed(2),
    })
  }
}

function mean(values: readonly number[], from: number): number {
  let sum = 0
  for (let index = from; index < values.length; index += 1) sum += values[index]!
  return sum / (values.length - from)
}
