/** One case in a process of its own, so that no case spoils what the engine learned for another: see run.ts. */

import { type BookChange, type Candle, createMemoryBus, createVirtualClock, flow, silentLog } from '@barfinex/core'
import { memoryHistory } from '../../packages/provider/src/history/memory-history.js'
import { CandleLane } from '../../packages/provider/src/market/candle-lane.js'
import { Candles } from '../../packages/provider/src/market/candles.js'
import { Follow } from '../../packages/provider/src/market/follow.js'
import { Marks } from '../../packages/provider/src/market/marks.js'
import { OrderBook } from '../../packages/provider/src/market/order-book.js'
import { LimitBars, LimitBook } from './limit.js'
import { bookWorkload, makeTrades, startAt } from './workloads.js'

/** What one case came to. */
export interface Measured {
  readonly nanos: number
  readonly check: number
}

const [name = ''] = process.argv.slice(2)
const passes = 7
const symbol = 'BTC/USDT'
const timeframes = ['1m', '5m', '15m', '1h', '4h', '1d', '30m', '3m'] as const
const lengthsMs = [60_000, 300_000, 900_000, 3_600_000, 14_400_000, 86_400_000, 1_800_000, 180_000]
let now = startAt
/** The machine's time has no part in it, and timers fire for nobody: a trade closes every bar here. */
const clock = { ...createVirtualClock({ startAt }), kind: 'virtual' as const, now: () => now, schedule: () => () => {} }

/** A pass over everything; returns what is checked. */
type Pass = () => number

function candlesFromTrades(count: number): { readonly events: number; readonly ours: Pass; readonly limit: Pass } {
  const trades = makeTrades()
  return {
    events: trades.length,
    ours() {
      let closed = 0
      const lane = new CandleLane({
        symbol,
        clock,
        given: [],
        hasTrades: true,
        graceMs: 0,
        formingEveryMs: Number.POSITIVE_INFINITY,
        onForming: () => {},
        fetch: async () => [],
        onClose: () => {
          closed += 1
        },
      })
      for (const timeframe of timeframes.slice(0, count)) lane.ensure(timeframe, () => [])
      now = startAt
      lane.start(() => [])
      for (const trade of trades) {
        now = trade.occurredAt
        lane.trade(trade)
      }
      return closed
    },
    limit() {
      let closed = 0
      const bars = lengthsMs.slice(0, count).map((ms) => new LimitBars(ms, () => (closed += 1)))
      for (const { occurredAt, price, quantity } of trades) {
        for (const bar of bars) bar.push(occurredAt, price, quantity)
      }
      return closed
    },
  }
}

function book(): { readonly events: number; readonly ours: Pass; readonly limit: Pass } {
  const { first, updates } = bookWorkload()
  const into = new Float64Array(40)
  const drive = (
    apply: (change: BookChange) => void,
    bid: () => number,
    ask: () => number,
    top: () => number,
  ): number => {
    let sum = 0
    for (const change of first) apply(change)
    for (let index = 0; index < updates.length; index += 1) {
      apply(updates[index]!)
      sum += bid() + ask()
      if (index % 100 === 99) sum += top()
    }
    return Math.round(sum)
  }
  const sumOf = (count: number): number => {
    let sum = 0
    for (let index = 0; index < count; index += 1) sum += into[index * 2]!
    return sum
  }
  return {
    events: updates.length,
    ours() {
      const it = new OrderBook()
      return drive(
        (change) => it.apply(change),
        () => it.bestBid,
        () => it.bestAsk,
        () => sumOf(it.top('bids', 20, into)) + sumOf(it.top('asks', 20, into)),
      )
    },
    limit() {
      const bids = new LimitBook(1)
      const asks = new LimitBook(-1)
      return drive(
        (change) => {
          for (const [price, quantity] of change.bids) bids.set(price, quantity)
          for (const [price, quantity] of change.asks) asks.set(price, quantity)
        },
        () => bids.best,
        () => asks.best,
        () => bids.sum(20) + asks.sum(20),
      )
    },
  }
}

/** A closed candle of the exchange through the edge, into memory and onto the bus, against the bus alone. */
function edge(): { readonly events: number; readonly ours: Pass; readonly limit: Pass } {
  const candles: Candle[] = Array.from({ length: 1_000_000 }, (_, index) => ({
    symbol,
    timeframe: '1m',
    openTime: startAt + index * 60_000,
    closeTime: startAt + (index + 1) * 60_000,
    open: 100.5,
    high: 101.5,
    low: 99.5,
    close: 100 + (index % 8) / 8,
    volume: 2.5,
    tradeCount: 0,
    isFinal: true,
    provenance: 'tape',
    revision: 0,
  }))
  const start = () => {
    const bus = createMemoryBus()
    let sum = 0
    bus.watch(flow.candle, (candle) => {
      sum += candle.close
    })
    return { bus, closed: bus.publisher(flow.candle, 'provider', 1), sum: () => sum }
  }
  return {
    events: candles.length,
    ours() {
      const { bus, closed, sum } = start()
      const recent = memoryHistory()
      const lanes = new Candles({
        clock,
        symbols: [symbol],
        given: ['1m'],
        hasTrades: false,
        graceMs: 0,
        formingEveryMs: 1_000,
        recent,
        fetch: async () => [],
        onForming: () => {},
        onClose(candle) {
          recent.append(candle)
          closed.publishAt(candle, now)
        },
      })
      lanes.ensure(symbol, '1m')
      const marks = new Marks()
      const log = silentLog
      const follow = new Follow({
        bus,
        clock,
        log,
        epoch: 1,
        symbols: [symbol],
        staleAfterMs: 180_000,
        marks,
        candles: lanes,
        onInstrument: () => {},
      })
      now = startAt
      lanes.start()
      follow.start()
      for (const candle of candles) {
        now = candle.closeTime
        follow.candle(candle)
      }
      return sum()
    },
    limit() {
      const { closed, sum } = start()
      for (const candle of candles) closed.publishAt(candle, candle.closeTime)
      return sum()
    },
  }
}

const makers: Readonly<Record<string, () => { readonly events: number; readonly ours: Pass; readonly limit: Pass }>> = {
  'candles-1': () => candlesFromTrades(1),
  'candles-4': () => candlesFromTrades(4),
  'candles-8': () => candlesFromTrades(8),
  book,
  edge,
}

const [kind = '', side = ''] = name.split(':')
const make = makers[kind]
if (make === undefined || (side !== 'ours' && side !== 'limit')) throw new Error(`There is no case "${name}".`)
const { events, [side]: pass } = make()
let check = 0
const nanos = Array.from({ length: passes }, () => {
  const from = process.cpuUsage().user
  check = pass()
  return ((process.cpuUsage().user - from) * 1_000) / events
}).sort((a, b) => a - b)
const measured: Measured = { nanos: nanos[passes >> 1] as number, check }
process.stdout.write(`${JSON.stringify(measured)}\n`)
