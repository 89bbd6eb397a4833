import { DataFrame } from 'data-forge'
import { backtest, type IStrategy } from 'grademark'
import type { Engine } from '../engine.js'
import { candleCount, market } from '../market.js'

interface Bar {
  readonly time: Date
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  fast: number
  slow: number
  lastFast: number
  lastSlow: number
}

const bars: Bar[] = Array.from({ length: candleCount }, (_, index) => ({
  time: new Date(market.openTime[index]!),
  open: market.open[index]!,
  high: market.high[index]!,
  low: market.low[index]!,
  close: market.close[index]!,
  volume: market.volume[index]!,
  fast: Number.NaN,
  slow: Number.NaN,
  lastFast: Number.NaN,
  lastSlow: Number.NaN,
}))
const frame = new DataFrame<number, Bar>(bars)

/** The averages as running sums: its own series operators would be many times slower. */
function prepare(): void {
  let fastSum = 0
  let slowSum = 0
  let fast = Number.NaN
  let slow = Number.NaN
  for (let index = 0; index < candleCount; index += 1) {
    const bar = bars[index]!
    fastSum += bar.close
    slowSum += bar.close
    if (index >= 10) fastSum -= bars[index - 10]!.close
    if (index >= 30) slowSum -= bars[index - 30]!.close
    bar.lastFast = fast
    bar.lastSlow = slow
    fast = index >= 29 ? fastSum / 10 : Number.NaN
    slow = index >= 29 ? slowSum / 30 : Number.NaN
    bar.fast = fast
    bar.slow = slow
  }
}

const strategy: IStrategy<Bar> = {
  prepIndicators({ inputSeries }) {
    prepare()
    return inputSeries
  },
  entryRule(enter, { bar }) {
    if (bar.lastFast <= bar.lastSlow && bar.fast > bar.slow) enter()
  },
  exitRule(exit, { bar }) {
    if (bar.lastFast >= bar.lastSlow && bar.fast < bar.slow) exit()
  },
}

/** The peer from npm. It makes trades only: no fees, no slippage, no equity, no order ever looked at. */
export const engine: Engine = {
  passes: 3,
  run() {
    const trades = backtest(strategy, frame)
    return { trades: trades.length, profit: trades.reduce((sum, { profit }) => sum + profit, 0).toFixed(2) }
  },
}
