import type { CandleColumns, Instrument, Quote, Reason } from '@barfinex/core'
import type { MarketSnapshot } from '../market/market-snapshot.js'
import { keptBars } from '../market/market-watch.js'
import type { RegimeReading } from '../regime/regime.js'
import { failed, type StageResult } from './stage.js'

/** The parts of the snapshot without which there is nothing to decide. */
export interface Context {
  readonly candles: CandleColumns
  readonly instrument: Instrument
  readonly quote: Quote
  readonly regime: RegimeReading
}

/** Stage 1: is everything there that the other stages read, and nothing that is later than now? */
export function contextStage(snapshot: MarketSnapshot, expiresAt: number): StageResult<Context | null> {
  const { candles, instrument, quote, regime, higher } = snapshot
  const reasons: Reason[] = []
  const partial: Reason[] = []
  const barCount = candles?.length ?? 0
  if (barCount < keptBars) {
    const message = `${barCount} closed candles of ${snapshot.timeframe} are known; ${keptBars} are needed.`
    reasons.push(failed('advisor.context.bars', message, keptBars, barCount))
  }
  if (instrument === null) {
    reasons.push(failed('advisor.context.instrument', `No trading rules of ${snapshot.symbol} are known.`, null, null))
  }
  if (quote === null) reasons.push(failed('advisor.context.quote', 'No quote is known.', null, null))
  if (snapshot.futureCount > 0) {
    const message = `${snapshot.futureCount} items are later than the decision. This is a defect of the feed or the clock.`
    reasons.push(failed('advisor.context.future-data', message, 0, snapshot.futureCount))
  }
  if (snapshot.asOf >= expiresAt) {
    const message = 'The signal had expired before it was read.'
    reasons.push(failed('advisor.context.signal-expired', message, expiresAt, snapshot.asOf))
  }
  if (higher.length < 2) {
    const message = `${higher.length} of 2 longer timeframes are followed.`
    partial.push(failed('advisor.context.higher-timeframes', message, 2, higher.length))
  }
  const isWhole = reasons.length === 0 && candles !== null && instrument !== null && quote !== null && regime !== null
  return {
    status: isWhole ? (partial.length === 0 ? 'ok' : 'degraded') : 'rejected',
    reasons: [...reasons, ...partial],
    measured: {
      barCount,
      higherTimeframes: higher.map((it) => it.timeframe).join(' '),
      quoteAgeMs: quote === null ? null : snapshot.asOf - quote.occurredAt,
      feed: snapshot.feed?.state ?? null,
      position: snapshot.position === null ? 'flat' : `${snapshot.position.side} ${snapshot.position.quantity}`,
      futureCount: snapshot.futureCount,
    },
    limits: { barCount: keptBars, futureCount: 0 },
    found: isWhole ? { candles, instrument, quote, regime } : null,
  }
}
