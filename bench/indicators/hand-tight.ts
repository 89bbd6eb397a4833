/**
 * The limit: each indicator as tight as it can be written by hand, with nothing that a library needs. No check of the input, no
 * reset, no protection against drift, no second output unless it falls off anyway.
 */

export class HandTightSma {
  private readonly ring: Float64Array
  private readonly sum = new Float64Array(1)
  private index = 0
  private count = 0
  constructor(private readonly period: number) {
    this.ring = new Float64Array(period)
  }
  update(x: number): number {
    const { index, ring, period } = this
    const sum = this.sum[0]! + x - ring[index]!
    this.sum[0] = sum
    ring[index] = x
    this.index = index + 1 === period ? 0 : index + 1
    if (this.count < period && ++this.count < period) return Number.NaN
    return sum / period
  }
}

export class HandTightEma {
  private readonly weight: number
  private readonly average = new Float64Array(1)
  private count = 0
  constructor(private readonly period: number) {
    this.weight = 2 / (period + 1)
  }
  update(x: number): number {
    const average = this.average
    if (this.count < this.period) {
      average[0]! += x
      if (++this.count < this.period) return Number.NaN
      average[0] = average[0]! / this.period
      return average[0]!
    }
    const last = average[0]!
    const next = last + (x - last) * this.weight
    average[0] = next
    return next
  }
}

export class HandTightRsi {
  private readonly weight: number
  private readonly state = new Float64Array(3)
  private count = 0
  constructor(private readonly period: number) {
    this.weight = 1 / period
  }
  update(x: number): number {
    const { state, weight } = this
    const change = x - state[2]!
    state[2] = x
    if (this.count === 0) {
      this.count = 1
      return Number.NaN
    }
    const gain = Math.max(change, 0)
    const loss = Math.max(-change, 0)
    if (this.count <= this.period) {
      state[0]! += gain / this.period
      state[1]! += loss / this.period
      if (this.count++ < this.period) return Number.NaN
    } else {
      state[0]! += (gain - state[0]!) * weight
      state[1]! += (loss - state[1]!) * weight
    }
    return (100 * state[0]!) / (state[0]! + state[1]!)
  }
}

export class HandTightMacd {
  readonly out = new Float64Array(3)
  private readonly fast: HandTightEma
  private readonly slow: HandTightEma
  private readonly signal: HandTightEma
  constructor(fast: number, slow: number, signal: number) {
    this.fast = new HandTightEma(fast)
    this.slow = new HandTightEma(slow)
    this.signal = new HandTightEma(signal)
  }
  update(x: number): number {
    const line = this.fast.update(x) - this.slow.update(x)
    if (Number.isNaN(line)) return Number.NaN
    const signal = this.signal.update(line)
    const out = this.out
    out[0] = line
    out[1] = signal
    out[2] = line - signal
    return line - signal
  }
}

export class HandTightAtr {
  private readonly weight: number
  private readonly state = new Float64Array(2)
  private count = 0
  constructor(private readonly period: number) {
    this.weight = 1 / period
  }
  update(high: number, low: number, close: number): number {
    const state = this.state
    const before = this.count === 0 ? close : state[1]!
    state[1] = close
    const range = Math.max(high, before) - Math.min(low, before)
    if (this.count < this.period) {
      state[0]! += range / this.period
      return ++this.count === this.period ? state[0]! : Number.NaN
    }
    const next = state[0]! + (range - state[0]!) * this.weight
    state[0] = next
    return next
  }
}

export class HandTightBollinger {
  readonly out = new Float64Array(3)
  private readonly ring: Float64Array
  private readonly state = new Float64Array(2)
  private index = 0
  private count = 0
  constructor(
    private readonly period: number,
    private readonly width: number,
  ) {
    this.ring = new Float64Array(period)
  }
  update(x: number): number {
    const { ring, state, period, index } = this
    const old = ring[index]!
    ring[index] = x
    this.index = index + 1 === period ? 0 : index + 1
    if (this.count < period) {
      this.count++
      const distance = x - state[0]!
      state[0]! += distance / this.count
      state[1]! += distance * (x - state[0]!)
      if (this.count < period) return Number.NaN
    } else {
      const mean = state[0]!
      const moved = mean + (x - old) / period
      state[0] = moved
      state[1] = Math.max(state[1]! + (x - old) * (x - moved + old - mean), 0)
    }
    const distance = Math.sqrt(state[1]! / period) * this.width
    const out = this.out
    out[0] = state[0]! + distance
    out[1] = state[0]!
    out[2] = state[0]! - distance
    return out[0]!
  }
}

export class HandTightAdx {
  private readonly weight: number
  private readonly state = new Float64Array(8)
  private count = 0
  constructor(private readonly period: number) {
    this.weight = 1 / period
  }
  update(high: number, low: number, close: number): number {
    const { state, period, weight } = this
    const count = this.count++
    if (count === 0) {
      state[0] = high
      state[1] = low
      state[2] = close
      return Number.NaN
    }
    const rise = Math.max(high - state[0]!, 0)
    const fall = Math.max(state[1]! - low, 0)
    const range = Math.max(high, state[2]!) - Math.min(low, state[2]!)
    state[0] = high
    state[1] = low
    state[2] = close
    const plus = rise * Number(rise > fall)
    const minus = fall * Number(fall > rise)
    if (count <= period) {
      state[3]! += range
      state[4]! += plus
      state[5]! += minus
      if (count < period) return Number.NaN
    } else {
      state[3]! += range - state[3]! * weight
      state[4]! += plus - state[4]! * weight
      state[5]! += minus - state[5]! * weight
    }
    const directed = (100 * Math.abs(state[4]! - state[5]!)) / (state[4]! + state[5]!)
    if (count < 2 * period) {
      state[6]! += directed
      if (count < 2 * period - 1) return Number.NaN
      state[7] = state[6]! / period
    } else {
      state[7]! += (directed - state[7]!) * weight
    }
    return state[7]!
  }
}
