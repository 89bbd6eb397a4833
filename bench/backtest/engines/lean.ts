import type { Engine } from '../engine.js'
import { candleCount, market, rules } from '../market.js'

/** A running mean whose numbers live in typed arrays: a number in a field would be boxed at every change. */
class Mean {
  private readonly kept: Float64Array
  private readonly sum = new Float64Array(1)
  private at = 0
  private count = 0

  constructor(private readonly length: number) {
    this.kept = new Float64Array(length)
  }

  push(value: number): number {
    const { kept, sum, at } = this
    const total = sum[0]! + value - kept[at]!
    sum[0] = total
    kept[at] = value
    this.at = at + 1 === this.length ? 0 : at + 1
    if (this.count < this.length && ++this.count < this.length) return Number.NaN
    return total / this.length
  }
}

/** Fills at the next open; an order is a number, fills are columns. */
class Broker {
  position = 0
  fillCount = 0
  private pending = 0
  /** Cash, peak equity, drawdown. */
  private readonly money = new Float64Array([rules.cash, rules.cash, 0])
  private readonly fillPrice = new Float64Array(65_536)
  private readonly fillIndex = new Float64Array(65_536)

  submit(side: 1 | -1): void {
    this.pending = side
  }

  onOpen(index: number): void {
    if (this.pending !== 0) this.fill(index)
  }

  onClose(index: number): void {
    const { money } = this
    const equity = money[0]! + this.position * market.close[index]!
    if (equity > money[1]!) money[1] = equity
    else {
      const loss = 1 - equity / money[1]!
      if (loss > money[2]!) money[2] = loss
    }
  }

  outcome() {
    const { fillCount, money } = this
    return { fills: fillCount, cash: money[0]!.toFixed(4), drawdown: money[2]!.toFixed(6) }
  }

  private fill(index: number): void {
    const { pending, money } = this
    const price = market.open[index]! * (1 + rules.slippage * pending)
    money[0]! -= price * pending + price * rules.fee
    this.position += pending
    this.pending = 0
    this.fillPrice[this.fillCount] = price
    this.fillIndex[this.fillCount] = index
    this.fillCount += 1
  }
}

class Crossing {
  private readonly fast = new Mean(10)
  private readonly slow = new Mean(30)
  private readonly last = new Float64Array([Number.NaN, Number.NaN])

  constructor(private readonly broker: Broker) {}

  onCandle(index: number): void {
    const { broker, last } = this
    const price = market.close[index]!
    const fast = this.fast.push(price)
    const slow = this.slow.push(price)
    const lastFast = last[0]!
    const lastSlow = last[1]!
    last[0] = fast
    last[1] = slow
    if (lastFast <= lastSlow) {
      if (fast > slow && broker.position === 0) broker.submit(1)
    } else if (lastFast >= lastSlow && fast < slow && broker.position === 1) broker.submit(-1)
  }
}

/** What a lean design of classes reaches: a strategy, a broker, nothing shared but calls. */
export const engine: Engine = {
  passes: 40,
  run() {
    const broker = new Broker()
    const crossing = new Crossing(broker)
    for (let index = 0; index < candleCount; index += 1) {
      broker.onOpen(index)
      broker.onClose(index)
      crossing.onCandle(index)
    }
    return broker.outcome()
  },
}
