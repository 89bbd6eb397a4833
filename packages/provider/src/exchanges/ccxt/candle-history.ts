import { type Candle, closeTimeOf, type Timeframe } from '@barfinex/core'
import type { ExchangeTime } from './exchange-time.js'
import { type KlineReply, klineReply } from './reply-schemas.js'
import { RequestFault } from './request-fault.js'
import type { Rest } from './rest.js'

const pageSize = 1_000

/**
 * Closed candles until an instant, the newest `limit`, oldest first. The exchange's newest row is the one it is still making: it
 * is left out, by the exchange's own clock.
 */
export async function candleHistory(
  { rest, time }: { readonly rest: Rest; readonly time: ExchangeTime },
  market: { readonly symbol: string; readonly marketId: string },
  timeframe: Timeframe,
  until: number,
  limit: number,
): Promise<readonly Candle[]> {
  const pages: Candle[][] = []
  let missing = limit
  let endTime = until - 1
  try {
    while (missing > 0 && endTime >= 0) {
      const params = { symbol: market.marketId, interval: timeframe, endTime, limit: Math.min(pageSize, missing + 1) }
      const page = await rest.call('klines', klineReply, params)
      const first = page[0]
      if (first === undefined) break
      const latest = Math.min(until, time.now())
      const closed = page.map((row) => candleOf(market.symbol, timeframe, row)).filter((it) => it.closeTime <= latest)
      pages.unshift(closed.slice(-missing))
      missing -= closed.length
      if (first[0] > endTime) break
      endTime = first[0] - 1
    }
  } catch (error) {
    if (error instanceof RequestFault) throw error.toError(`${market.symbol}: candles could not be read`)
    throw error
  }
  return pages.flat()
}

function candleOf(symbol: string, timeframe: Timeframe, row: KlineReply[number]): Candle {
  const [openTime, open, high, low, close, volume, , , tradeCount] = row
  return {
    symbol,
    timeframe,
    openTime,
    closeTime: closeTimeOf(timeframe, openTime),
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume: Number(volume),
    tradeCount,
    isFinal: true,
    provenance: 'live',
    revision: 0,
  }
}
