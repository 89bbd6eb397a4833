import type { Engine } from '../engine.js'
import { candleCount, market, rules } from '../market.js'

/** The limit: strategy, broker and equity written out by hand in one loop over columns. */
export const engine: Engine = {
  passes: 40,
  run() {
    const { open, close } = market
    const { fee, slippage } = rules
    let fastSum = 0
    let slowSum = 0
    let lastFast = 0
    let lastSlow = 0
    let isKnown = false
    let position = 0
    let pending = 0
    let { cash } = rules
    let fills = 0
    let crosses = 0
    let peak = cash
    let drawdown = 0
    for (let i = 0; i < candleCount; i += 1) {
      if (pending !== 0) {
        const price = open[i]! * (1 + slippage * pending)
        cash -= price * pending + price * fee
        position += pending
        pending = 0
        fills += 1
      }
      const price = close[i]!
      fastSum += price
      slowSum += price
      if (i >= 10) fastSum -= close[i - 10]!
      if (i >= 30) slowSum -= close[i - 30]!
      const equity = cash + position * price
      if (equity > peak) peak = equity
      else {
        const loss = 1 - equity / peak
        if (loss > drawdown) drawdown = loss
      }
      if (i < 29) continue
      const fast = fastSum / 10
      const slow = slowSum / 30
      if (isKnown) {
        if (lastFast <= lastSlow && fast > slow) {
          crosses += 1
          if (position === 0) pending = 1
        } else if (lastFast >= lastSlow && fast < slow) {
          crosses += 1
          if (position === 1) pending = -1
        }
      }
      lastFast = fast
      lastSlow = slow
      isKnown = true
    }
    return { fills, cash: cash.toFixed(4), drawdown: drawdown.toFixed(6), crosses }
  },
}
