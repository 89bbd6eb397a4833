/**
 * When the expressions do not reach: a function of your own inside a strategy.
 *
 * It gets numbers and gives a number, and must depend on nothing else. Its code can be neither sent nor hashed, so `id` and
 * `revision` stand for it: change the revision whenever you change the code, and the strategy's hash changes with it.
 */
import {
  add,
  close,
  custom,
  defineStrategy,
  gt,
  high,
  indicators,
  low,
  lt,
  multiply,
  open,
  subtract,
  value,
  volume,
} from '@barfinex/detector'
import { givenStrategy, judge, walk } from '@barfinex/detector/testing'

const { atr, sma } = indicators

/** A hammer: a small body at the top of a long range, in [0, 1]. */
const hammer = custom(
  {
    id: 'hammer',
    revision: 1,
    call(open = 0, high = 0, low = 0, close = 0) {
      const range = high - low
      if (range === 0) return 0
      const lowerShadow = Math.min(open, close) - low
      const body = Math.abs(close - open)
      return Math.max(0, (lowerShadow - body) / range)
    },
  },
  open(),
  high(),
  low(),
  close(),
)

function strategyWith(shape: typeof hammer) {
  return defineStrategy({
    id: 'hammer-buyer',
    inputs: { main: '5m' },
    indicators: {
      range: atr({ period: 14 }),
      usual: sma({ period: 20, source: 'volume' }),
      middle: sma({ period: 20 }),
    },
    rules: [
      { id: 'hammer', direction: 'long', weight: 2, when: gt(shape, 0.5) },
      { id: 'below-middle', direction: 'long', weight: 1, when: lt(close(), value('middle')) },
      { id: 'much-traded', direction: 'long', weight: 1, when: gt(volume(), value('usual')) },
    ],
    thresholds: { long: 4 },
    exits: {
      long: { stop: subtract(low(), multiply(0.5, value('range'))), target: add(close(), multiply(3, value('range'))) },
    },
  })
}

const strategy = strategyWith(hammer)
const candles = walk(5, 4_000, { timeframe: '5m' })
const { signals, evaluations } = judge(strategy, 'BTC/USDT', candles)
console.log(`${signals.length} hammers bought in ${evaluations.length} bars; the first ones:`)
for (const { firedAt, price, stopPrice, rules } of signals.slice(0, 3)) {
  const values = rules.map(({ id, value }) => `${id} ${value}`).join(', ')
  console.log(`  ${new Date(firedAt).toISOString()} at ${price.toFixed(2)}, stop ${stopPrice.toFixed(2)} (${values})`)
}

if (typeof hammer !== 'object' || hammer.op !== 'function') throw new Error('custom() makes a function expression.')
const revised = strategyWith({ ...hammer, revision: 2 })
console.log(`\nhash of revision 1: ${strategy.hash.slice(0, 16)}…, of revision 2: ${revised.hash.slice(0, 16)}…`)

// The same kit makes a test: after twenty quiet bars, a bar that fell far and came back.
const quiet = walk(1, 40, { timeframe: '5m', volatility: 0.0005 })
const last = quiet.at(-1)
if (last === undefined) throw new Error('The walk has bars.')
const fallen = {
  ...last,
  openTime: last.closeTime,
  closeTime: last.closeTime + 300_000,
  open: 99,
  high: 99,
  low: 96,
  close: 98.9,
  volume: 500,
}
givenStrategy(strategy).after(quiet).when([fallen]).thenSignals('long')
console.log('After a fall that was bought back, it signals long.')
