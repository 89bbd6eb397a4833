import { createHash } from 'node:crypto'
import { createMemoryJournal, silentLog } from '@barfinex/core'
import {
  type EventTape,
  type Exchange,
  type ExchangeFactory,
  type MarketSink,
  paper,
  type TapeEvent,
} from '@barfinex/provider'
import { backtest } from 'barfinex'
import { benchDesk } from '../backtest/desk.js'
import { instrument } from '../backtest/instrument.js'
import type { Engine } from './engine.js'
import { endTime, frames, type MarketEvent, startTime } from './frames.js'
import type { Stopwatch } from './stopwatch.js'

const { symbol } = instrument

/** The frames as a tape: the paper exchange plays it, and fills what we send it. */
const tape: EventTape = {
  kind: 'events',
  path: 'frames',
  symbols: [symbol],
  instruments: [instrument],
  contentHash: '0'.repeat(64),
  startAt: startTime,
  endAt: endTime,
  count: frames.length,
  isComplete: true,
  timeframe: null,
  has: { trades: true, quotes: true, book: false },
  candleTimeframes: ['1m'],
  skippedCount: 0,
  events: tapeEvents,
}

function* tapeEvents(): Generator<TapeEvent> {
  for (const { event } of frames) yield event
}

/** The door between exchange and desk. In: the frame is read and handed on. Out: the sealed order has arrived. */
function watched(exchange: Exchange, stopwatch: Stopwatch, onOrder: (text: string) => void): Exchange {
  let next = 0
  function hand(sink: MarketSink): void {
    const { text } = frames[next]!
    next += 1
    stopwatch.begin()
    const event = JSON.parse(text) as MarketEvent
    if (event.type === 'trade') sink.trade(event.trade)
    else if (event.type === 'quote') sink.quote(event.quote)
    else sink.candle(event.candle)
    stopwatch.end()
  }
  return {
    ...exchange,
    follow(sink) {
      const handOn = () => hand(sink)
      exchange.follow({ ...sinkOf(sink), trade: handOn, quote: handOn, candle: handOn })
    },
    submit(order) {
      if (order.purpose === 'entry') {
        stopwatch.order()
        onOrder(JSON.stringify(order))
      }
      return exchange.submit(order)
    },
  }
}

function sinkOf(sink: MarketSink): Pick<MarketSink, 'book' | 'feed'> {
  return { book: (change) => sink.book(change), feed: (state) => sink.feed(state) }
}

/** The whole desk over the frames: every event through provider, detector, advisor and inspector to the exchange's door. */
export function deskEngine(engine: 'onnxruntime' | 'typescript'): Engine {
  return {
    async run(stopwatch) {
      const market = paper({ tape, balances: { USDT: '10000000' }, latencyMs: 1 })
      const hash = createHash('sha256')
      let orders = 0
      const exchange: ExchangeFactory = {
        id: market.id,
        mode: market.mode,
        symbols: market.symbols,
        create: async () =>
          watched(await market.create(), stopwatch, (text) => {
            hash.update(text)
            orders += 1
          }),
      }
      const desk = benchDesk({ exchange, evaluations: 'all', engine })
      const journal = createMemoryJournal({ keepCount: 0 })
      const result = await backtest(desk, { tape: exchange, journal, log: silentLog, seed: 7 })
      const broken = Object.values(result.invariants).reduce((sum, count) => sum + count, 0)
      if (broken > 0) throw new Error(`A promise was broken: ${JSON.stringify(result.invariants)}`)
      return { events: frames.length, orders, ordersHash: hash.digest('hex') }
    },
  }
}
