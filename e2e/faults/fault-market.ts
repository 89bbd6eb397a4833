import type { Candle, Instrument, Random, VirtualClock } from '@barfinex/core'
import { aCandle, anInstrument, newYear } from '@barfinex/core/testing'
import type { FaultVenue } from '@barfinex/provider/testing'

const minuteMs = 60_000
/** Minutes of history: what the advisor takes in, with two longer timeframes. */
const historyMinutes = 16 * 60
/** First instant of a run: a quarter of an hour begins. */
export const startAt = newYear + 24 * 60 * minuteMs

/** A cash symbol that is bought and a contract that is sold short, with steps, ticks and fees small enough to trade often. */
export const faultInstruments: readonly Instrument[] = [
  anInstrument({ makerFeeBps: '1', takerFeeBps: '2' }),
  anInstrument({
    symbol: 'ETH/USDT:USDT',
    kind: 'swap',
    base: 'ETH',
    stepSize: '0.001',
    minQuantity: '0.001',
    makerFeeBps: '1',
    takerFeeBps: '2',
  }),
]

interface Walk {
  readonly symbol: string
  readonly random: Random
  readonly past: Candle[]
  price: number
  bar: { open: number; high: number; low: number; volume: number; count: number }
}

/** A made-up market of {@link faultInstruments}: a quote a second, a candle a minute. Same seed, same market. */
export class FaultMarket {
  private readonly walks: readonly Walk[]
  private isMoving = true
  /** Quotes are taken from here on the way out; a test may bend them. */
  bend: (symbol: string, price: number) => number = (_, price) => price
  /** What the best level holds, in BTC or its worth: now and then too little for an order. */
  depth: (random: Random) => number = (random) => (random.next() < 0.1 ? 0.02 + random.next() * 0.2 : 20)

  constructor(random: Random) {
    this.walks = faultInstruments.map(({ symbol }, index) => {
      const own = random.fork(symbol)
      const walk: Walk = { symbol, random: own, past: [], price: index === 0 ? 40_000 : 2_000, bar: emptyBar() }
      const first = startAt - historyMinutes * minuteMs
      for (let openTime = first; openTime < startAt; openTime += minuteMs) {
        for (let step = 0; step < 6; step += 1) move(walk, 1)
        close(walk, openTime)
      }
      return walk
    })
  }

  /** Closed candles that closed at or before `until`. */
  readonly history = (symbol: string, until: number, limit: number): readonly Candle[] => {
    const past = this.walks.find((it) => it.symbol === symbol)?.past ?? []
    let end = past.length
    while (end > 0 && (past[end - 1] as Candle).closeTime > until) end -= 1
    return past.slice(Math.max(0, end - limit), end)
  }

  start(clock: VirtualClock, venue: FaultVenue): void {
    let openTime = startAt
    clock.every(1_000, () => {
      for (const walk of this.walks) {
        if (this.isMoving) move(walk, 0.45)
        const shown = this.bend(walk.symbol, walk.price)
        const half = shown * 0.000_02
        const size = (): number => Number((this.depth(walk.random) * (40_000 / walk.price)).toFixed(3))
        venue.quote(walk.symbol, cents(shown - half), cents(shown + half), size(), size())
      }
      // The venue's minute, by the venue's clock.
      while (this.isMoving && venue.now() >= openTime + minuteMs) {
        for (const walk of this.walks) venue.candle(close(walk, openTime))
        openTime += minuteMs
      }
    })
  }

  /** The price stands still and no candle closes, so no strategy has anything new to say. */
  rest(): void {
    this.isMoving = false
  }

  price(symbol: string): number {
    return this.walks.find((it) => it.symbol === symbol)?.price ?? 0
  }
}

function emptyBar(): Walk['bar'] {
  return { open: 0, high: 0, low: 0, volume: 0, count: 0 }
}

function cents(price: number): number {
  return Math.round(price * 100) / 100
}

/** One step of the walk: about 3 basis points times `scale`. */
function move(walk: Walk, scale: number): void {
  walk.price *= Math.exp(0.000_3 * scale * walk.random.normal())
  const price = cents(walk.price)
  const { bar } = walk
  if (bar.count === 0) Object.assign(bar, { open: price, high: price, low: price })
  bar.high = Math.max(bar.high, price)
  bar.low = Math.min(bar.low, price)
  bar.count += 1
  bar.volume += 1
}

function close(walk: Walk, openTime: number): Candle {
  const { symbol, bar } = walk
  const price = cents(walk.price)
  const sides = bar.count === 0 ? { open: price, high: price, low: price } : bar
  const candle = aCandle({
    symbol,
    openTime,
    open: sides.open,
    high: Math.max(sides.high, price),
    low: Math.min(sides.low, price),
    close: price,
    volume: bar.volume,
    tradeCount: bar.count,
  })
  walk.bar = emptyBar()
  walk.past.push(candle)
  return candle
}
