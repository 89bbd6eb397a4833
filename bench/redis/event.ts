import { type Candle, type Channel, defineChannel, flow, type Signal, schemas } from '@barfinex/core'

/** Something that travels, with a number in it by which it is known again. */
export interface Kind<Payload> {
  readonly make: (number: number) => Payload
  readonly numberOf: (payload: Payload) => number
}

const openTime = 1_704_067_200_000
/** The schema wants a share of at most 1. */
const scale = 2 ** -24
const symbols = ['BTC/USDT', 'ETH/USDT', 'SOL/USDT', 'BNB/USDT'] as const

/** A number of 0 to 99,999 that looks like chance, the same for the same two numbers. */
function chance(number: number, salt: number): number {
  return (Math.imul(number + salt * 7_919, 2_654_435_761) >>> 8) % 100_000
}

/** Prices of two digits after the point, each near the one before. */
function priceOf(number: number, salt: number): number {
  const cents = 4_200_000 + (number % 1_000) * 7 + (chance(number, salt) % 500)
  return cents / 100
}

/** About 370 bytes as JSON; four symbols in turn, and no two alike. */
export const signals: Kind<Signal> = {
  make(number) {
    const closed = openTime + number * 60_000
    const price = priceOf(number, 1)
    return {
      signalId: `sig-${number}`,
      strategyId: 'ema-pullback',
      strategyHash: 'a'.repeat(64),
      symbol: symbols[number & 3] as string,
      timeframe: '1m',
      direction: (chance(number, 2) & 1) === 0 ? 'long' : 'short',
      score: 3 + (chance(number, 3) % 3),
      threshold: 3,
      rules: [],
      candleOpenTime: closed - 60_000,
      price,
      stopPrice: Math.round(price * 99) / 100,
      targetPrice: Math.round(price * 102) / 100,
      sizeHint: number * scale,
      firedAt: closed,
      expiresAt: closed + 180_000,
    }
  },
  numberOf: ({ sizeHint }) => Math.round(sizeHint / scale),
}

/** About 210 bytes as JSON. */
export const candles: Kind<Candle> = {
  make(number) {
    const from = openTime + number * 60_000
    const open = priceOf(number, 4)
    return {
      symbol: 'BTC/USDT',
      timeframe: '1m',
      openTime: from,
      closeTime: from + 60_000,
      open,
      high: open + (chance(number, 5) % 400) / 8,
      low: open - (chance(number, 6) % 400) / 8,
      close: priceOf(number + 1, 4),
      volume: chance(number, 7) / 1_000,
      tradeCount: number,
      isFinal: true,
      provenance: 'live',
      revision: 0,
    }
  },
  numberOf: ({ tradeCount }) => tradeCount,
}

const measured = {
  schema: schemas.signal,
  key: (it: Signal) => it.symbol,
  writtenBy: flow.signal.writtenBy,
  readBy: flow.signal.readBy,
  carries: 'signals, to measure with',
}
/** Signals as live data, as settled data and as facts: what is promised differs, not what is carried. */
export const liveSignals: Channel<Signal> = defineChannel({ ...measured, name: 'bench.live', class: 'live' })
export const settledSignals: Channel<Signal> = defineChannel({ ...measured, name: 'bench.settled', class: 'settled' })
/** As they are in the flow: each takes effect once by its id. */
export const factSignals: Channel<Signal> = defineChannel({
  ...measured,
  name: 'bench.fact',
  class: 'fact',
  id: (it) => it.signalId,
})

/** Events of a wave: what is said before its answer is waited for. */
export const waveSize = 1_000
