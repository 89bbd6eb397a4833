import { createHash } from 'node:crypto'
import { instrument } from '../../backtest/instrument.js'
import { Crossing } from '../crossing.js'
import type { Engine } from '../engine.js'
import { frames, type MarketEvent } from '../frames.js'

/** The limit: the peer's work without schema and operators. What is left is JSON and the rule. */
export const engine: Engine = {
  run(stopwatch) {
    const crossing = new Crossing()
    const hash = createHash('sha256')
    let orders = 0
    let last = Number.NaN
    for (const { text } of frames) {
      stopwatch.begin()
      const event = JSON.parse(text) as MarketEvent
      if (event.type === 'trade') last = event.trade.price
      else if (event.type === 'quote') last = (event.quote.bid + event.quote.ask) / 2
      else if (event.candle.symbol === instrument.symbol && event.candle.isFinal && last > 0) {
        const { symbol, high, low, close, closeTime } = event.candle
        const order = crossing.candle(symbol, high, low, close, closeTime)
        if (order !== null) {
          stopwatch.order()
          hash.update(order)
          orders += 1
        }
      }
      stopwatch.end()
    }
    return { events: frames.length, orders, ordersHash: hash.digest('hex') }
  },
}
