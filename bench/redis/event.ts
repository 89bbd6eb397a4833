import { type Candle, type Channel, defineChannel, flow, type Signal, schemas } from '@barfinex/core'

/** Something that travels, with a number in it by which it is known again. */
export interface Kind<Payload> {
  readonly make: (number: number) => Payload
  readonly numberOf: (payload: Payload) => number
}

const openTime = 1_704_067_200_000
/** The schema wants a share of at most 1. */
const scale = 2 ** -24

const aSignal: Signal = {
  signalId: 'sig-0',
  strategyId: 'ema-pullback',
  strategyHash: 'a'.repeat(64),
  symbol: 'BTC/USDT',
  timeframe: '1m',
  direction: 'long',
  score: 4,
  threshold: 3,
  rules: [],
  candleOpenTime: openTime,
  price: 101.25,
  stopPrice: 99.5,
  targetPrice: 105,
  sizeHint: 1,
  firedAt: openTime + 60_000,
  expiresAt: openTime + 180_000,
}

/** About 370 bytes as JSON. */
export const signals: Kind<Signal> = {
  make: (number) => ({ ...aSignal, signalId: `sig-${number}`, sizeHint: number * scale }),
  numberOf: ({ sizeHint }) => Math.round(sizeHint / scale),
}

const aCandle: Candle = {
  symbol: 'BTC/USDT',
  timeframe: '1m',
  openTime,
  closeTime: openTime + 60_000,
  open: 42_100.5,
  high: 42_123.25,
  low: 42_090,
  close: 42_101.75,
  volume: 12.5,
  tradeCount: 412,
  isFinal: true,
  provenance: 'live',
  revision: 0,
}

/** About 210 bytes as JSON. */
export const candles: Kind<Candle> = {
  make(number) {
    const from = openTime + number * 60_000
    return { ...aCandle, openTime: from, closeTime: from + 60_000, tradeCount: number }
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
/** Signals as live data and as settled data: what is promised differs, not what is carried. */
export const liveSignals: Channel<Signal> = defineChannel({ ...measured, name: 'bench.live', class: 'live' })
export const settledSignals: Channel<Signal> = defineChannel({ ...measured, name: 'bench.settled', class: 'settled' })

/** Events of a wave: what is said before its answer is waited for. */
export const waveSize = 1_000
