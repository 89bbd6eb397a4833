import type { Candle, Quote, Trade } from '@barfinex/core'
import type { TapeEvent } from '@barfinex/provider'
import { instrument } from '../backtest/instrument.js'
import { randomWalk } from '../indicators/candles.js'

/** What a market tells. */
export type MarketEvent = Extract<TapeEvent, { type: 'quote' | 'trade' | 'candle' }>

/** One event, and the same as text, as it comes over a wire. */
export interface Frame {
  readonly event: MarketEvent
  readonly text: string
}

const minuteCount = 20_000
const minuteMs = 60_000
export const startTime = 1_600_041_600_000
export const endTime = startTime + minuteCount * minuteMs
const ticksPerMinute = 8
const { symbol } = instrument

/** Eight quotes and eight trades a minute, and its closed candle. The same frames for everybody. */
export const frames: readonly Frame[] = Array.from(marketEvents(), (event) => ({ event, text: JSON.stringify(event) }))

function* marketEvents(): Generator<MarketEvent> {
  const { open, high, low, close, volume } = randomWalk(minuteCount, 42)
  let tradeNumber = 0
  for (let minute = 0; minute < minuteCount; minute += 1) {
    const openTime = startTime + minute * minuteMs
    const path = [open[minute]!, high[minute]!, low[minute]!, close[minute]!]
    for (let tick = 0; tick < ticksPerMinute; tick += 1) {
      const at = openTime + 1_000 + tick * 7_000
      const price = rounded(path[Math.floor((tick * path.length) / ticksPerMinute)]!)
      const [bid, ask] = [rounded(price - 0.5), rounded(price + 0.5)]
      const quote: Quote = { symbol, bid, ask, bidQuantity: 3, askQuantity: 3, occurredAt: at }
      yield { type: 'quote', at, quote }
      tradeNumber += 1
      const takerSide = tick % 2 === 0 ? 'buy' : 'sell'
      const quantity = rounded(volume[minute]! / ticksPerMinute)
      const trade: Trade = { symbol, tradeId: String(tradeNumber), price, quantity, takerSide, occurredAt: at }
      yield { type: 'trade', at, trade }
    }
    const candle: Candle = {
      symbol,
      timeframe: '1m',
      openTime,
      closeTime: openTime + minuteMs,
      open: open[minute]!,
      high: high[minute]!,
      low: low[minute]!,
      close: close[minute]!,
      volume: volume[minute]!,
      tradeCount: ticksPerMinute,
      isFinal: true,
      provenance: 'live',
      revision: 0,
    }
    yield { type: 'candle', at: candle.closeTime, candle }
  }
}

function rounded(price: number): number {
  return Math.round(price * 100) / 100
}
