import { BarfinexError, type Candle, canBuildFrom, openTimeOf, type Timeframe, timeframeMs } from '@barfinex/core'
import type { Exchange } from '../exchanges/exchange.js'
import { BarTree } from './bar-tree.js'
import { refuseCandle } from './refuse-event.js'

/** Candles asked from an exchange at once for one answer. */
const fetchLimit = 20_000

/**
 * Closed candles from before we looked, from the exchange: as it gives them or, for a timeframe it does not have, built from
 * a lower one. Candles that are unsound, unfinished or later than `until` are left out.
 */
export async function prehistory(
  exchange: Exchange,
  symbol: string,
  timeframe: Timeframe,
  until: number,
  limit: number,
): Promise<readonly Candle[]> {
  const { candleTimeframes } = exchange.capabilities
  const fetchSound = async (from: Timeframe, end: number, count: number) =>
    sound(await exchange.history(symbol, from, end, count), symbol, from, end)
  // An exchange without candles of its own may still remember some.
  if (candleTimeframes.length === 0 || candleTimeframes.includes(timeframe)) {
    return (await fetchSound(timeframe, until, limit)).slice(-limit)
  }
  const source = candleTimeframes
    .filter((it) => canBuildFrom(timeframe, it))
    .reduce<Timeframe | null>((best, it) => (best !== null && timeframeMs(best) > timeframeMs(it) ? best : it), null)
  if (source === null) {
    throw new BarfinexError(
      'exchange.not-supported',
      `${exchange.id} gives ${candleTimeframes.join(', ')}; ${timeframe} cannot be built from that. Ask for a longer timeframe.`,
      { details: { symbol, timeframe } },
    )
  }
  const end = openTimeOf(timeframe, until)
  const perBar = Math.ceil(timeframeMs(timeframe) / timeframeMs(source)) + 1
  const lower = await fetchSound(source, end, Math.min(fetchLimit, (limit + 1) * perBar))
  return build(symbol, timeframe, source, lower).slice(-limit)
}

/** Whole bars of a timeframe from closed candles of a lower one; the first and the last may be left out for want of the rest. */
export function build(symbol: string, timeframe: Timeframe, source: Timeframe, candles: readonly Candle[]): Candle[] {
  const built: Candle[] = []
  const tree = new BarTree(symbol, source, false, (candle) => built.push(candle))
  tree.add(timeframe, [])
  const first = candles[0]
  const last = candles.at(-1)
  if (first === undefined || last === undefined) return built
  tree.coverFrom(first.openTime)
  for (const candle of candles) tree.close(candle.openTime, candle.closeTime, candle)
  tree.closeEnded(last.closeTime)
  return built
}

function sound(candles: readonly Candle[], symbol: string, timeframe: Timeframe, until: number): readonly Candle[] {
  let newest = -1
  return candles.filter((candle) => {
    const isGood =
      candle.symbol === symbol &&
      candle.timeframe === timeframe &&
      candle.openTime > newest &&
      refuseCandle(candle, until) === null
    if (isGood) newest = candle.openTime
    return isGood
  })
}
