/**
 * A backtest of your own strategy over a tape, and the proof that it can be done again.
 *
 * A tape of candles is a CSV file with a sidecar that says what it means: nothing about time stamps, volume or the instrument's
 * rules is guessed. This one is made here; put your own file in its place.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  advisor,
  backtest,
  createFileJournal,
  createMemoryJournal,
  defineDesk,
  detector,
  inspector,
  provider,
  silentLog,
} from 'barfinex'

const { add, and, close, defineStrategy, gt, high, indicators, lt, low, multiply, subtract, value } = detector
const { atr, donchian, ema } = indicators

const folder = mkdtempSync(join(tmpdir(), 'barfinex-example-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

// Six weeks of five-minute candles.
const tape = join(folder, 'market.csv')
const candles = provider.generateCandles('example', 42 * 288, { timeframe: '5m' })
const rows = Array.from({ length: candles.count }, (_, at) =>
  [candles.openTime, candles.open, candles.high, candles.low, candles.close, candles.volume]
    .map((column) => column[at])
    .join(','),
)
writeFileSync(tape, `time,open,high,low,close,volume\n${rows.join('\n')}\n`)
const sidecar: provider.TapeSidecarInput = {
  symbol: 'BTC/USDT:USDT',
  timeframe: '5m',
  columns: ['time', 'open', 'high', 'low', 'close', 'volume'],
  header: true,
  time: 'milliseconds',
  timeZone: 'UTC',
  stamp: 'open',
  volumeUnit: 'base',
  priceScale: 1,
  instrument: {
    kind: 'swap',
    base: 'BTC',
    quote: 'USDT',
    tickSize: '0.01',
    stepSize: '0.0001',
    minQuantity: '0.0001',
    minNotional: '5',
  },
  fees: { makerBps: '2', takerBps: '5' },
}
writeFileSync(`${tape}.tape.json`, JSON.stringify(sidecar, null, 2))

const breakout = defineStrategy({
  id: 'breakout',
  inputs: { main: '5m', trend: '1h' },
  indicators: {
    channel: donchian({ period: 36 }),
    hourly: ema({ period: 12 }, { input: 'trend' }),
    range: atr({ period: 14 }),
  },
  rules: [
    {
      id: 'new-high',
      direction: 'long',
      weight: 1,
      when: and(gt(close(), value('channel.upper', { ago: 1 })), gt(close(), high({ ago: 1 }))),
    },
    { id: 'hour-up', direction: 'long', weight: 1, when: gt(close(), value('hourly')) },
    {
      id: 'new-low',
      direction: 'short',
      weight: 1,
      when: and(lt(close(), value('channel.lower', { ago: 1 })), lt(close(), low({ ago: 1 }))),
    },
    { id: 'hour-down', direction: 'short', weight: 1, when: lt(close(), value('hourly')) },
  ],
  thresholds: { long: 2, short: 2 },
  exits: {
    long: { stop: subtract(close(), multiply(2, value('range'))), target: add(close(), multiply(4, value('range'))) },
    short: { stop: add(close(), multiply(2, value('range'))), target: subtract(close(), multiply(4, value('range'))) },
  },
  cooldownBars: 12,
})

const desk = defineDesk((runtime) => ({
  provider: provider.createService({ ...runtime, exchange: provider.paper({ tape }) }),
  detector: detector.createService({ ...runtime, strategies: [breakout] }),
  advisor: advisor.createService({ ...runtime, timeframes: ['5m'] }),
  inspector: inspector.createService({
    ...runtime,
    sizing: { riskPerTrade: '0.5%' },
    policies: [inspector.maxPositionNotional('5000'), inspector.maxOpenPositions(1), inspector.drawdown('15%')],
  }),
}))

// Once with a journal on disk, where every decision can be asked about later, and once more in memory.
const journal = await createFileJournal({ directory: join(folder, 'journal'), fsync: 'never' })
const first = await backtest(desk, { tape, journal, log: silentLog })
await journal.close()
const again = await backtest(desk, { tape, journal: createMemoryJournal(), log: silentLog })

const { signals, approved, denied, fills, outcomes, equity, quoteAsset, wallMs, invariants } = first
console.log(`${first.candlesByTimeframe['5m']} candles in ${wallMs} ms, with the whole desk`)
console.log(`${signals} signals, ${approved} approved, ${denied} denied, ${fills} fills, ${outcomes} trades ended`)
console.log(`equity ${Number(equity).toFixed(2)} ${quoteAsset}, promises broken:`, invariants)

// Opening a journal checks every record and every seal in it.
const reopened = await createFileJournal({ directory: join(folder, 'journal'), fsync: 'never' })
console.log(`\njournal on disk  ${reopened.hash()} (${reopened.count} records)`)
console.log(`first run        ${first.journalHash}`)
console.log(`second run       ${again.journalHash}`)
await reopened.close()
if (new Set([reopened.hash(), first.journalHash, again.journalHash]).size > 1) throw new Error('These must be equal.')
