/** One case in a process of its own, so that no case spoils what the engine learned for another: see run.ts. */

import { type Candle, createMemoryBus, type Envelope, flow, type Quote } from '@barfinex/core'
import { Subject } from 'rxjs'

const [name = '', readerText = '1'] = process.argv.slice(2)
const readerCount = Number(readerText)
const eventCount = readerCount >= 20 ? 500_000 : readerCount >= 5 ? 1_000_000 : 2_000_000
const warmPasses = 2
const timedPasses = 15
const start = 1_640_000_000_000

const quote: Quote = { symbol: 'BTC/USDT', bid: 1.5, ask: 2, bidQuantity: 1, askQuantity: 1, occurredAt: start }
const quotes = Array.from({ length: 8 }, (_, index) => ({ ...quote, symbol: `S${index}/USDT` }))
const candle: Candle = {
  symbol: 'BTC/USDT',
  timeframe: '1m',
  openTime: start,
  closeTime: start + 60_000,
  open: 1.5,
  high: 2,
  low: 0.5,
  close: 1.5,
  volume: 3,
  tradeCount: 0,
  isFinal: true,
  provenance: 'tape',
  revision: 0,
}
const sums = new Float64Array(64)

/** Readers with code of their own, as in life: closures of one function would share what the engine learns about them. */
function readers<Message>(value: string): ((message: Message) => void)[] {
  return Array.from({ length: readerCount }, (_, index) => {
    return new Function('sums', `return (it) => { sums[${index}] += ${value} }`)(sums) as (message: Message) => void
  })
}

const cases: Readonly<Record<string, () => (index: number) => void>> = {
  /** The peer: what bots usually pass events with. */
  rx() {
    const subject = new Subject<Quote>()
    for (const reader of readers<Quote>('it.bid')) subject.subscribe(reader)
    return () => subject.next(quote)
  },
  /** The limit: the readers' code written out in one function, without a bus. */
  limit() {
    const calls = readers<Quote>('it.bid')
    const names = calls.map((_, index) => `call${index}`)
    const all = new Function(...names, `return (it) => { ${names.map((call) => `${call}(it)`).join(';')} }`)(...calls)
    return () => all(quote)
  },
  /** Live data for readers who want the payload. */
  watch() {
    const bus = createMemoryBus()
    for (const reader of readers<Quote>('it.bid')) bus.watch(flow.quote, reader)
    const publisher = bus.publisher(flow.quote, 'provider')
    return (index) => publisher.publishAt(quote, start + index)
  },
  /** Live data with an envelope each. */
  envelope() {
    const bus = createMemoryBus()
    for (const reader of readers<Envelope<Quote>>('it.payload.bid')) bus.subscribe(flow.quote, reader)
    const publisher = bus.publisher(flow.quote, 'provider')
    return (index) => publisher.publish(quote, { occurredAt: start + index })
  },
  /** Settled data with an envelope each; its key is made of two members. */
  candle() {
    const bus = createMemoryBus()
    for (const reader of readers<Envelope<Candle>>('it.payload.close')) bus.subscribe(flow.candle, reader)
    const publisher = bus.publisher(flow.candle, 'provider')
    return (index) => publisher.publish(candle, { occurredAt: start + index })
  },
  /** Eight symbols in turn, a subject each, found by symbol. */
  'rx-symbols'() {
    const subjects = new Map(quotes.map(({ symbol }) => [symbol, new Subject<Quote>()]))
    for (const subject of subjects.values()) {
      for (const reader of readers<Quote>('it.bid')) subject.subscribe(reader)
    }
    return (index) => {
      const it = quotes[index & 7] as Quote
      subjects.get(it.symbol)?.next(it)
    }
  },
  /** Eight symbols in turn, routed by key. */
  'watch-symbols'() {
    const bus = createMemoryBus()
    for (const { symbol } of quotes) {
      for (const reader of readers<Quote>('it.bid')) bus.watch(flow.quote, reader, { keys: [symbol] })
    }
    const publisher = bus.publisher(flow.quote, 'provider')
    return (index) => publisher.publishAt(quotes[index & 7] as Quote, start + index)
  },
}

const make = cases[name]
if (make === undefined) throw new Error(`There is no case "${name}". Cases: ${Object.keys(cases).join(', ')}.`)
const publish = make()
function pass(): number {
  const from = process.hrtime.bigint()
  for (let index = 0; index < eventCount; index += 1) publish(index)
  return Number(process.hrtime.bigint() - from) / eventCount
}
for (let count = 0; count < warmPasses; count += 1) pass()
sums.fill(0)
const nanos = Math.min(...Array.from({ length: timedPasses }, pass))
const received = sums.reduce((sum, value) => sum + value, 0)
const wanted = eventCount * timedPasses * readerCount * 1.5
process.stdout.write(`${JSON.stringify({ nanos, received, wanted })}\n`)
