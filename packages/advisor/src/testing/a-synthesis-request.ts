import { createRandom } from '@barfinex/core'
import type { Evidence, SynthesisRequest } from '../llm/synthesis.js'
import { numberNews } from '../llm/untrusted-text.js'

const asOf = 1_704_067_200_000

const names: readonly (readonly [name: string, unit: Evidence['unit']])[] = [
  ['trend agreement across timeframes', 'score'],
  ['recent momentum', 'score'],
  ['distance from the usual range', 'score'],
  ['room to the next swing', 'score'],
  ['cost against the risk', 'R'],
  ['expected result after costs', 'R'],
  ['calibrated probability', 'share'],
  ['rank of volatility', 'share'],
  ['price over the recent window', 'price index'],
  ['volume against the usual volume', 'volume index'],
  ['model input rsi14', 'model input'],
  ['model input return48', 'model input'],
]

/** A synthesis request with a dozen rows of evidence, two headlines and a gap; the seed decides the values. */
export function aSynthesisRequest(seed = 0, change: Partial<SynthesisRequest> = {}): SynthesisRequest {
  const random = createRandom(`synthesis request/${seed}`)
  const evidence = names.map(([name, unit], index): Evidence => {
    const value = Number((2 * random.next() - 1).toFixed(4))
    // The first row always speaks for the trade, and the last two values are known from before.
    const support = index === 0 ? 0.8 : Number((2 * random.next() - 1).toFixed(4))
    const before = unit.endsWith('index') ? Number((value + random.next() - 0.5).toFixed(4)) : null
    return { id: `E${String(index + 1).padStart(2, '0')}`, name, unit, value, text: value.toFixed(2), support, before }
  })
  const news = numberNews(
    [
      { title: 'Exchange reports maintenance window', source: 'Wire', publishedAt: asOf - 600_000 },
      { title: 'Analysts disagree about the next quarter', source: 'Paper', publishedAt: asOf - 3_600_000 },
    ],
    asOf,
  )
  return {
    decisionId: `dec-${seed}`,
    symbol: 'BTC/USDT:USDT',
    direction: seed % 2 === 0 ? 'long' : 'short',
    timeframe: '5m',
    asOf,
    evidence,
    news,
    gaps: ['advisor.context.higher-timeframes'],
    ...change,
  }
}
