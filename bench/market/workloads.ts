import type { BookChange, Trade } from '@barfinex/core'

export const startAt = Date.UTC(2020, 8, 14)

/** mulberry32. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A million trades, 200 ms apart in the mean, on a random walk from 30,000. */
export function makeTrades(): readonly Trade[] {
  const random = chance(5)
  let at = startAt
  let price = 30_000
  return Array.from({ length: 1_000_000 }, (_, index) => {
    at += Math.floor(-Math.log(random() || 1e-9) * 200)
    price *= 1 + (random() - 0.5) * 1e-4
    return {
      symbol: 'BTC/USDT',
      tradeId: String(index),
      price,
      quantity: random() || 0.5,
      takerSide: 'buy' as const,
      occurredAt: at,
    }
  })
}

/**
 * A million changes of a book of 500 levels a side, tick 0.1 around 30,000: the middle moves a tick now and then and what it crosses
 * goes away; else a level near the touch is set, or taken away in 15 of 100.
 */
export function bookWorkload(): { readonly first: readonly BookChange[]; readonly updates: readonly BookChange[] } {
  const count = 1_000_000
  const random = chance(7)
  const bids = new Map<number, number>()
  const asks = new Map<number, number>()
  const sides = new Uint8Array(count)
  const prices = new Int32Array(count)
  const quantities = new Float64Array(count)
  let made = 0
  let middle = 300_000
  const change = (isBid: boolean, ticks: number, quantity: number): BookChange => ({
    symbol: 'BTC/USDT',
    kind: 'update',
    firstSequence: 0,
    lastSequence: 0,
    bids: isBid ? [[ticks / 10, quantity]] : [],
    asks: isBid ? [] : [[ticks / 10, quantity]],
    occurredAt: startAt,
  })
  const put = (isBid: boolean, ticks: number, quantity: number): void => {
    if (made >= count) return
    sides[made] = isBid ? 1 : 0
    prices[made] = ticks
    quantities[made] = quantity
    made += 1
    const side = isBid ? bids : asks
    if (quantity === 0) side.delete(ticks)
    else side.set(ticks, quantity)
  }
  const first: BookChange[] = []
  for (let level = 0; level < 500; level += 1) {
    const ask = 0.001 + 2 * random()
    const bid = 0.001 + 2 * random()
    bids.set(middle - 1 - level, ask)
    asks.set(middle + 1 + level, bid)
    first.push(change(true, middle - 1 - level, ask), change(false, middle + 1 + level, bid))
  }
  while (made < count) {
    if (random() < 0.02) {
      middle += random() < 0.5 ? 1 : -1
      if (bids.has(middle)) put(true, middle, 0)
      if (bids.has(middle + 1)) put(true, middle + 1, 0)
      if (asks.has(middle)) put(false, middle, 0)
      if (asks.has(middle - 1)) put(false, middle - 1, 0)
      continue
    }
    const isBid = random() < 0.5
    const distance = Math.floor(-Math.log(random() || 1e-9) * 20)
    const quantity = random() < 0.15 ? 0 : 0.001 + 2 * random()
    if (quantity === 0 && (isBid ? bids : asks).size < 30) continue
    put(isBid, isBid ? middle - 1 - distance : middle + 1 + distance, quantity)
  }
  // Made in one go at the end, so that they lie side by side in memory as they would when they come off a wire.
  const updates = Array.from({ length: count }, (_, at) => change(sides[at] === 1, prices[at]!, quantities[at]!))
  return { first, updates }
}
