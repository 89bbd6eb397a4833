import { createHash } from 'node:crypto'
import { filter, map, Subject } from 'rxjs'
import { z } from 'zod'
import { instrument } from '../../backtest/instrument.js'
import { Crossing } from '../crossing.js'
import type { Engine } from '../engine.js'
import { frames } from '../frames.js'

const quote = z.object({
  symbol: z.string(),
  bid: z.number(),
  ask: z.number(),
  bidQuantity: z.number(),
  askQuantity: z.number(),
  occurredAt: z.number(),
})
const trade = z.object({
  symbol: z.string(),
  tradeId: z.string(),
  price: z.number(),
  quantity: z.number(),
  takerSide: z.enum(['buy', 'sell']),
  occurredAt: z.number(),
})
const candle = z.object({
  symbol: z.string(),
  timeframe: z.string(),
  openTime: z.number(),
  closeTime: z.number(),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number(),
  tradeCount: z.number(),
  isFinal: z.boolean(),
  provenance: z.string(),
  revision: z.number(),
})
const frame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('quote'), quote }),
  z.object({ type: z.literal('trade'), trade }),
  z.object({ type: z.literal('candle'), candle }),
])

/**
 * The way bots are usually wired: JSON, a schema, a subject with an operator per step. It looks at the last price and at closed
 * candles, asks one rule and three limits, and prints an order: no account, no stages, no journal, no seal.
 */
export const engine: Engine = {
  run(stopwatch) {
    const crossing = new Crossing()
    const hash = createHash('sha256')
    let orders = 0
    let last = Number.NaN
    const texts = new Subject<string>()
    const checked = texts.pipe(
      map((text) => JSON.parse(text) as unknown),
      map((it) => frame.parse(it)),
    )
    const events = new Subject<z.infer<typeof frame>>()
    checked.subscribe(events)
    events
      .pipe(
        filter((it) => it.type === 'trade'),
        map((it) => it.trade),
        filter((it) => it.symbol === instrument.symbol),
      )
      .subscribe(({ price }) => {
        last = price
      })
    events
      .pipe(
        filter((it) => it.type === 'quote'),
        map((it) => it.quote),
        filter((it) => it.symbol === instrument.symbol),
      )
      .subscribe(({ bid, ask }) => {
        last = (bid + ask) / 2
      })
    events
      .pipe(
        filter((it) => it.type === 'candle'),
        map((it) => it.candle),
        filter((it) => it.symbol === instrument.symbol && it.isFinal && last > 0),
        map((it) => crossing.candle(it.symbol, it.high, it.low, it.close, it.closeTime)),
        filter((order) => order !== null),
      )
      .subscribe((order) => {
        stopwatch.order()
        hash.update(order)
        orders += 1
      })
    for (const { text } of frames) {
      stopwatch.begin()
      texts.next(text)
      stopwatch.end()
    }
    return { events: frames.length, orders, ordersHash: hash.digest('hex') }
  },
}
