import { randomWalk } from '../indicators/candles.js'

/** One million minutes of a geometric random walk, the same for everybody who runs this. */
export const candleCount = 1_000_000
export const barMs = 60_000
export const startTime = 1_600_041_600_000

const { open, high, low, close, volume } = randomWalk(candleCount, 42)
const openTime = Float64Array.from({ length: candleCount }, (_, index) => startTime + index * barMs)

/** The candles as columns. */
export const market = { openTime, open, high, low, close, volume }

/** Rules of the workload: fees and slippage as shares of the price, money in quote. */
export const rules = { fee: 0.001, slippage: 0.0001, cash: 10_000_000 }
