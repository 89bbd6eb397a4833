import { createRandom } from '@barfinex/core'
import type { InstrumentGrid } from '../matching/instrument-grid.js'
import type { MarketCharacter } from './market-character.js'
import { type MarketDay, minuteMs } from './market-path.js'

/** One minute of market events. The buffers are used again for the next minute. */
export interface MinuteTicks {
  /** Quote changes; each has at least one trade right after it. */
  count: number
  /** Milliseconds UTC, rising. */
  at: Float64Array
  bid: Float64Array
  ask: Float64Array
  /** Sizes are only there where they were asked for. */
  bidQuantity: Float64Array
  askQuantity: Float64Array
  /** Index of each tick's first trade; the one after the last tick ends the last. */
  firstTrade: Int32Array
  tradeCount: number
  tradePrice: Float64Array
  tradeQuantity: Float64Array
  /** 1 where the taker bought. */
  tradeIsBuy: Uint8Array
}

const mostTicks = 600
const mostTrades = 3 * mostTicks

/** Makes buffers for {@link breakMinute}. */
export function createMinuteTicks(): MinuteTicks {
  const ticks = () => new Float64Array(mostTicks)
  return {
    count: 0,
    at: ticks(),
    bid: ticks(),
    ask: ticks(),
    bidQuantity: ticks(),
    askQuantity: ticks(),
    firstTrade: new Int32Array(mostTicks + 1),
    tradeCount: 0,
    tradePrice: new Float64Array(mostTrades),
    tradeQuantity: new Float64Array(mostTrades),
    tradeIsBuy: new Uint8Array(mostTrades),
  }
}

/**
 * Breaks a minute of a market's path into quotes and trades: a Brownian bridge between its ends, a spread that widens with
 * volatility, sizes that shrink with it, takers that lean the way the price goes. Drawn from seed and minute alone, so
 * that history and the live run show the same ticks.
 */
export function breakMinute(
  out: MinuteTicks,
  seed: string,
  character: MarketCharacter,
  grid: InstrumentGrid,
  ticksPerMinute: number,
  day: MarketDay,
  minuteOfDay: number,
  openTime: number,
  hasSizes: boolean,
): void {
  const random = createRandom(`${seed}/minute/${openTime / minuteMs}`)
  const openMid = day.mid[minuteOfDay]!
  const drift = day.drift[minuteOfDay]!
  const jump = day.jump[minuteOfDay]!
  const sigma = day.sigma[minuteOfDay]!
  const stress = day.stress[minuteOfDay]!
  const volume = day.volume[minuteOfDay]! / openMid

  const wanted = Math.round(ticksPerMinute * stress * (0.7 + 0.6 * random.next()))
  const count = Math.min(mostTicks, Math.max(Math.ceil(ticksPerMinute / 2), Math.min(wanted, ticksPerMinute * 3)))
  const jumpAt = jump === 0 ? count : random.integer(count)
  const slot = minuteMs / count
  const step = sigma / Math.sqrt(count)
  // The walk is drawn first and kept in `bid`, because bridging needs to know where it ends.
  let walk = 0
  for (let index = 0; index < count; index += 1) {
    walk += step * random.normal()
    out.bid[index] = walk
    out.at[index] = openTime + Math.floor((index + random.next()) * slot)
  }
  const end = walk
  let before = openMid
  let trades = 0
  let weight = 0
  for (let index = 0; index < count; index += 1) {
    const share = (index + 1) / count
    const bridge = out.bid[index]! - share * end
    const mid = openMid * Math.exp(share * drift + bridge + (index >= jumpAt ? jump : 0))
    const half = (mid * character.spreadBps * (0.5 + 0.5 * stress) * (0.8 + 0.4 * random.next())) / 20_000
    const bidTicks = grid.ticksBelow(mid - half)
    const bid = grid.price(bidTicks)
    const ask = grid.price(Math.max(bidTicks + 1, grid.ticksAbove(mid + half)))
    out.bid[index] = bid
    out.ask[index] = ask
    out.firstTrade[index] = trades
    const luck = random.next()
    const tradeCount = luck < 0.1 ? 3 : luck < 0.4 ? 2 : 1
    const buyShare = 0.5 + 0.3 * Math.sign(mid - before)
    for (let number = 0; number < tradeCount; number += 1) {
      const isBuy = random.next() < buyShare
      const part = -Math.log(1 - random.next())
      out.tradeIsBuy[trades] = isBuy ? 1 : 0
      out.tradePrice[trades] = isBuy ? ask : bid
      out.tradeQuantity[trades] = part
      weight += part
      trades += 1
    }
    before = mid
  }
  out.firstTrade[count] = trades
  for (let index = 0; index < trades; index += 1) {
    out.tradeQuantity[index] = onGrid(grid, (volume * out.tradeQuantity[index]!) / weight)
  }
  out.count = count
  out.tradeCount = trades
  if (hasSizes) drawSizes(out, seed, grid, (0.05 * volume) / stress, openTime)
}

/** What is on offer at the best prices, from a stream of its own: history does without it. */
function drawSizes(out: MinuteTicks, seed: string, grid: InstrumentGrid, size: number, openTime: number): void {
  const random = createRandom(`${seed}/sizes/${openTime / minuteMs}`)
  for (let index = 0; index < out.count; index += 1) {
    out.bidQuantity[index] = onGrid(grid, size * Math.exp(0.6 * random.normal()))
    out.askQuantity[index] = onGrid(grid, size * Math.exp(0.6 * random.normal()))
  }
}

function onGrid(grid: InstrumentGrid, quantity: number): number {
  return grid.quantity(Math.max(1, grid.stepsBelow(quantity)))
}
