import {
  type Candle,
  closeTimeOf,
  createRandom,
  type Instrument,
  openTimeOf,
  type Quote,
  type Signal,
  type Timeframe,
} from '@barfinex/core'
import type { AdviceCase } from '../advise.js'
import { initialCalibration } from '../calibration/calibration-state.js'
import { calibratorOf } from '../calibration/calibrator.js'
import { gatesSchema, profiles } from '../gates.js'
import { takeSnapshot } from '../market/market-snapshot.js'
import { keptBars, MarketWatch } from '../market/market-watch.js'

const start = 1_704_067_200_000

/** A seeded market up to now, as an advisor has seen it. */
export interface SeenMarket {
  readonly candles: readonly Candle[]
  readonly higher: readonly Candle[]
  readonly instrument: Instrument
  readonly quote: Quote
  readonly now: number
}

/** Trading rules for tests: a contract with small costs. */
export function anInstrument(change: Partial<Instrument> = {}): Instrument {
  return {
    symbol: 'BTC/USDT:USDT',
    exchange: 'paper',
    kind: 'swap',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    tickSize: '0.01',
    stepSize: '0.001',
    minQuantity: '0.001',
    maxQuantity: null,
    minNotional: '5',
    maxNotional: null,
    makerFeeBps: '2',
    takerFeeBps: '5',
    status: 'trading',
    revision: 1,
    ...change,
  }
}

/** `keptBars` closed five-minute candles and enough hourly and quarter-hourly ones, from one seeded walk. */
export function aMarket(seed = 1, symbol = 'BTC/USDT:USDT'): SeenMarket {
  const random = createRandom(`market/${seed}`)
  const candles: Candle[] = []
  let price = 20_000
  for (let index = 0; index < keptBars + 700; index += 1) {
    const openTime = start + index * 300_000
    const open = price
    const close = open * Math.exp(0.003 * random.normal())
    candles.push(
      aCandle(
        '5m',
        openTime,
        open,
        close,
        symbol,
        1 + 0.001 * random.next(),
        1 - 0.001 * random.next(),
        1 + 9 * random.next(),
      ),
    )
    price = close
  }
  const now = (candles.at(-1) as Candle).closeTime
  const half = price * 0.0001
  return {
    candles: candles.slice(-keptBars),
    higher: [...lengthen(candles, '15m'), ...lengthen(candles, '1h')],
    instrument: anInstrument({ symbol }),
    quote: { symbol, bid: price - half, ask: price + half, bidQuantity: 3, askQuantity: 3, occurredAt: now },
    now,
  }
}

/** A signal at the market's last close, with a stop of two and a target of five thousandths… in the direction asked. */
export function aSignal(market: SeenMarket, change: Partial<Signal> = {}): Signal {
  const last = market.candles.at(-1) as Candle
  const direction = change.direction ?? 'long'
  const sign = direction === 'long' ? 1 : -1
  return {
    signalId: `sig-${direction}`,
    strategyId: 'test',
    strategyHash: '0'.repeat(64),
    symbol: last.symbol,
    timeframe: last.timeframe,
    direction,
    score: 2,
    threshold: 2,
    rules: [],
    candleOpenTime: last.openTime,
    price: last.close,
    stopPrice: last.close * (1 - sign * 0.008),
    targetPrice: last.close * (1 + sign * 0.02),
    sizeHint: 1,
    firedAt: market.now,
    expiresAt: market.now + 300_000,
    ...change,
  }
}

/** A watch that has seen the market. */
export function aWatch(market: SeenMarket): MarketWatch {
  const watch = new MarketWatch()
  watch.instrument(market.instrument)
  for (const candle of [...market.candles, ...market.higher]) watch.candle(candle)
  watch.quote(market.quote)
  return watch
}

/** A case that passes all gates of the exploratory profile with a fair model, ready to be varied. */
export function aCase(market: SeenMarket = aMarket(), change: Partial<AdviceCase> = {}): AdviceCase {
  const signal = change.signal ?? aSignal(market)
  const calibration = initialCalibration({ modelId: 'none', baseRate: 0.45, map: null })
  return {
    signal,
    snapshot: takeSnapshot(aWatch(market), signal, market.now),
    gates: gatesSchema.parse({ ...profiles.exploratory, minScore: -1 }),
    profile: 'exploratory',
    configHash: 'c'.repeat(64),
    calibration,
    calibrator: calibratorOf(calibration),
    model: null,
    synthesisMode: 'veto',
    wallMicros: () => 0,
    ...change,
  }
}

function aCandle(
  timeframe: Timeframe,
  openTime: number,
  open: number,
  close: number,
  symbol: string,
  up: number,
  down: number,
  volume: number,
): Candle {
  return {
    symbol,
    timeframe,
    openTime,
    closeTime: closeTimeOf(timeframe, openTime),
    open,
    high: Math.max(open, close) * up,
    low: Math.min(open, close) * down,
    close,
    volume,
    tradeCount: 20,
    isFinal: true,
    provenance: 'live',
    revision: 0,
  }
}

function lengthen(candles: readonly Candle[], timeframe: Timeframe): Candle[] {
  const groups = new Map<number, Candle[]>()
  for (const candle of candles) {
    const openTime = openTimeOf(timeframe, candle.openTime)
    groups.set(openTime, [...(groups.get(openTime) ?? []), candle])
  }
  return [...groups].flatMap(([openTime, group]) => {
    const first = group[0] as Candle
    const last = group.at(-1) as Candle
    const closeTime = closeTimeOf(timeframe, openTime)
    if (first.openTime !== openTime || last.closeTime !== closeTime) return []
    const high = Math.max(...group.map((it) => it.high))
    const low = Math.min(...group.map((it) => it.low))
    return [{ ...first, timeframe, openTime, closeTime, high, low, close: last.close }]
  })
}
