import { type CandleColumns, closeTimeOf, type Reason, timeframeMs } from '@barfinex/core'
import type { Gates } from '../gates.js'
import type { MarketSnapshot } from '../market/market-snapshot.js'
import type { Context } from './1-context.js'
import { failed, type Measure, rounded, type StageResult } from './stage.js'

/** Whether the data deserve a decision. */
export interface Quality {
  /** 1 is perfect; hard failures reject whatever it is. */
  readonly score: number
  /** Upper bound of the size for data of this quality. */
  readonly sizeCap: number
}

const recentBars = 5
const jumpWindow = 200
const frozenCloses = 5

/** Stage 2: fresh, whole, plausible? Hard checks reject; soft ones lower the score and with it the size. */
export function qualityStage(snapshot: MarketSnapshot, context: Context, gates: Gates): StageResult<Quality> {
  const { candles, quote } = context
  const hard: Reason[] = []
  const soft: Reason[] = []
  const frameMs = timeframeMs(snapshot.timeframe)
  const lastClose = closeTimeOf(snapshot.timeframe, candles.openTime[candles.length - 1] as number)
  const barAgeMs = snapshot.asOf - lastClose
  const maxBarAgeMs = gates.maxBarAgeBars * frameMs + 5_000
  if (barAgeMs > maxBarAgeMs) {
    hard.push(failed('advisor.quality.stale-bar', `The newest bar closed ${barAgeMs} ms ago.`, maxBarAgeMs, barAgeMs))
  }
  const quoteAgeMs = snapshot.asOf - quote.occurredAt
  if (quoteAgeMs > gates.maxQuoteAgeMs) {
    hard.push(
      failed('advisor.quality.stale-quote', `The quote is ${quoteAgeMs} ms old.`, gates.maxQuoteAgeMs, quoteAgeMs),
    )
  }
  if (snapshot.feed !== null && snapshot.feed.state !== 'live') {
    const message = `The feed is ${snapshot.feed.state} (${snapshot.feed.code}).`
    hard.push(failed('advisor.quality.feed', message, 'live', snapshot.feed.state))
  }
  const badBars = implausibleBars(candles)
  if (badBars > 0) hard.push(failed('advisor.quality.bad-bars', `${badBars} bars are impossible.`, 0, badBars))
  const disorder = disorderedBars(candles)
  if (disorder > 0) hard.push(failed('advisor.quality.disorder', `${disorder} bars are out of order.`, 0, disorder))
  const { missing, missingRecently } = missingBars(candles, frameMs)
  const gapShare = missing / (candles.length + missing)
  if (missingRecently > 0) {
    const message = `${missingRecently} of the last ${recentBars} bars are missing.`
    hard.push(failed('advisor.quality.recent-gap', message, 0, missingRecently))
  } else if (gapShare > gates.maxGapShare) {
    soft.push(failed('advisor.quality.gaps', `${missing} bars are missing.`, gates.maxGapShare, rounded(gapShare)))
  }
  const spreadBps = (20_000 * (quote.ask - quote.bid)) / (quote.ask + quote.bid)
  const usualSpread = quantile(snapshot.spreadsBps, 0.99)
  const maxSpread = Math.min(gates.maxSpreadBps, Math.max(usualSpread ?? gates.maxSpreadBps, gates.maxSpreadBps / 4))
  if (!(quote.bid < quote.ask)) {
    hard.push(
      failed('advisor.quality.crossed', `Bid ${quote.bid} is not below ask ${quote.ask}.`, quote.ask, quote.bid),
    )
  } else if (spreadBps > maxSpread) {
    const message = `The spread is ${spreadBps.toFixed(2)} bps.`
    hard.push(failed('advisor.quality.spread', message, rounded(maxSpread), rounded(spreadBps)))
  }
  const jump = jumpOf(candles)
  if (jump > 12) soft.push(failed('advisor.quality.jump', 'The last bar jumped.', 12, rounded(jump)))
  const isFrozen = frozen(candles)
  if (isFrozen) {
    soft.push(
      failed(
        'advisor.quality.frozen',
        `${frozenCloses} closes in a row are equal although there was volume.`,
        false,
        true,
      ),
    )
  }
  const weights: Readonly<Record<string, number>> = {
    'advisor.quality.gaps': 0.15,
    'advisor.quality.jump': 0.15,
    'advisor.quality.frozen': 0.3,
  }
  const score = soft.reduce((product, it) => product * (1 - (weights[it.code] ?? 0.2)), 1)
  if (score < gates.minQuality) {
    hard.push(failed('advisor.quality.score', 'Too many weaknesses at once.', gates.minQuality, rounded(score)))
  }
  const measured: Record<string, Measure> = {
    barAgeMs,
    quoteAgeMs,
    spreadBps: rounded(spreadBps),
    gapShare: rounded(gapShare),
    jump: rounded(jump),
    frozen: isFrozen,
    score: rounded(score),
  }
  return {
    status: hard.length > 0 ? 'rejected' : soft.length > 0 ? 'degraded' : 'ok',
    reasons: [...hard, ...soft],
    measured,
    limits: {
      barAgeMs: maxBarAgeMs,
      quoteAgeMs: gates.maxQuoteAgeMs,
      spreadBps: rounded(maxSpread),
      gapShare: gates.maxGapShare,
      jump: 12,
      score: gates.minQuality,
    },
    found: { score, sizeCap: score < 0.95 ? 0.5 : 1 },
  }
}

function implausibleBars({ length, open, high, low, close, volume }: CandleColumns): number {
  let count = 0
  for (let index = 0; index < length; index += 1) {
    const o = open[index] as number
    const h = high[index] as number
    const l = low[index] as number
    const c = close[index] as number
    const isRight = l > 0 && l <= Math.min(o, c) && Math.max(o, c) <= h && h < Number.POSITIVE_INFINITY
    if (!isRight || !((volume[index] as number) >= 0)) count += 1
  }
  return count
}

function disorderedBars({ length, openTime }: CandleColumns): number {
  let count = 0
  for (let index = 1; index < length; index += 1) {
    if (!((openTime[index] as number) > (openTime[index - 1] as number))) count += 1
  }
  return count
}

function missingBars({ length, openTime }: CandleColumns, frameMs: number) {
  let missing = 0
  let missingRecently = 0
  for (let index = 1; index < length; index += 1) {
    // A calendar month is up to 31 days long: rounding keeps it one bar.
    const gap = Math.round(((openTime[index] as number) - (openTime[index - 1] as number)) / frameMs) - 1
    if (gap <= 0) continue
    missing += gap
    if (index >= length - recentBars) missingRecently += gap
  }
  return { missing, missingRecently }
}

/** Size of the last return in median absolute deviations of the last 200. */
function jumpOf({ length, close }: CandleColumns): number {
  const returns: number[] = []
  for (let index = Math.max(1, length - jumpWindow); index < length; index += 1) {
    returns.push(Math.abs(Math.log((close[index] as number) / (close[index - 1] as number))))
  }
  const last = returns.at(-1) ?? 0
  const usual = quantile(Float64Array.from(returns), 0.5) ?? 0
  return usual > 0 ? last / usual : 0
}

function frozen({ length, close, volume }: CandleColumns): boolean {
  if (length < frozenCloses) return false
  for (let index = length - frozenCloses; index < length; index += 1) {
    if (close[index] !== close[length - 1] || !((volume[index] as number) > 0)) return false
  }
  return true
}

function quantile(values: Float64Array, share: number): number | null {
  if (values.length === 0) return null
  const sorted = values.slice().sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
}
