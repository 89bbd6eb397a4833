import type { Candle, Quote, Trade } from '@barfinex/core'
import { instrument } from '../backtest/instrument.js'
import { randomWalk } from '../indicators/candles.js'

/** What a market tells, as text, as it comes over a wire. */
export type Frame =
  | { readonly type: 'quote'; readonly quote: Quote }
  | { readonly type: 'trade'; readonly trade: Trade }
  | { readonly type: 'candle'; readonly candle: Candle }

export const minuteCount = 20_000
export const minuteMs = 60_000
export const startTime = 1_600_041_600_000
export const endTime = startTime + minuteCount * minuteMs
const ticksPerMinute = 8
const { symbol } = instrument

/** Eight quotes and eight trades a minute, and its closed candle. The same frames for everybody. */
export const frames: readonly { readonly at: number; readonly type: Frame['type']; readonly text: string }[] = [
  ...framesOf(),
]

function* framesOf() {
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
      yield { at, type: 'quote', text: JSON.stringify({ type: 'quote', quote }) } as const
      tradeNumber += 1
      const takerSide = tick % 2 === 0 ? 'buy' : 'sell'
      const quantity = rounded(volume[minute]! / ticksPerMinute)
      const trade: Trade = { symbol, tradeId: String(tradeNumber), price, quantity, takerSide, occurredAt: at }
      yield { at, type: 'trade', text: JSON.stringify({ type: 'trade', trade }) } as const
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
    yield { at: candle.closeTime, type: 'candle', text: JSON.stringify({ type: 'candle', candle }) } as const
  }
}

function rounded(price: number): number {
  return Math.round(price * 100) / 100
}
