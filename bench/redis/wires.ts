import { flow } from '@barfinex/core'
import { candles, factSignals, liveSignals, settledSignals, signals } from './event.js'
import type { MakeWire } from './wire.js'
import { bus } from './wires/barfinex.js'
import * as ioredis from './wires/ioredis.js'
import * as nodeRedis from './wires/node-redis.js'

const group = { group: 'g' } as const

/** Every way that is measured. */
export const wires = {
  'signals, ioredis waves': ioredis.waves(signals),
  'signals, node-redis waves': nodeRedis.waves(signals),
  'signals, ioredis pipeline': ioredis.pipeline(signals),
  'signals, ioredis batches': ioredis.batches(signals),
  'signals, bus live': bus(signals, liveSignals),
  'signals, ioredis stream': ioredis.stream(signals),
  'signals, ioredis stream batches': ioredis.streamBatches(signals),
  'signals, bus settled': bus(signals, settledSignals, group),
  'signals, bus facts': bus(signals, factSignals, group),
  'candles, ioredis waves': ioredis.waves(candles),
  'candles, ioredis stream': ioredis.stream(candles),
  'candles, bus settled': bus(candles, flow.candle, group),
} as const satisfies Readonly<Record<string, MakeWire>>

export type WireName = keyof typeof wires
