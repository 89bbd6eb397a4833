/**
 * A strategy of your own, judged without an exchange, a bus or a clock.
 *
 * A strategy is data: named candles, indicators, weighted rules, vetoes, a threshold, a stop and a target. It is judged at every
 * close of its first input, and every judgement says what each rule said, also when nothing came of it.
 */
import {
  add,
  and,
  close,
  crossesAbove,
  defineStrategy,
  gt,
  indicators,
  lt,
  multiply,
  subtract,
  value,
} from '@barfinex/detector'
import { judge, lengthen, walk } from '@barfinex/detector/testing'

const { atr, donchian, ema, rsi } = indicators

const dipBuyer = defineStrategy({
  id: 'dip-buyer',
  inputs: { main: '5m', trend: '1h' },
  indicators: {
    fast: ema({ period: 9 }),
    slow: ema({ period: 34 }),
    momentum: rsi({ period: 14 }),
    range: atr({ period: 14 }),
    channel: donchian({ period: 20 }),
    hourly: ema({ period: 10 }, { input: 'trend' }),
  },
  rules: [
    { id: 'turned-up', direction: 'long', weight: 2, when: crossesAbove(value('momentum'), 40) },
    { id: 'hour-points-up', direction: 'long', weight: 1, when: gt(close(), value('hourly')) },
    {
      id: 'room-above',
      direction: 'long',
      weight: 1,
      when: and(lt(close(), value('channel.upper')), gt(subtract(value('channel.upper'), close()), value('range'))),
    },
  ],
  vetoes: [{ id: 'averages-fall', when: lt(value('fast'), multiply(0.99, value('slow'))) }],
  thresholds: { long: 3 },
  exits: {
    long: { stop: subtract(close(), multiply(2, value('range'))), target: add(close(), multiply(3, value('range'))) },
  },
  cooldownBars: 3,
})

// Two weeks of a made-up market. The hourly candles are made of the five-minute ones; a detector in a desk gets them from Provider.
const minutes = walk(7, 14 * 288, { timeframe: '5m', volatility: 0.002 })
const candles = [...minutes, ...lengthen(minutes, '1h')].sort((a, b) => a.closeTime - b.closeTime)
const { evaluations, signals } = judge(dipBuyer, 'BTC/USDT', candles)

console.log(
  `${dipBuyer.id} ${dipBuyer.hash.slice(0, 12)}: ${evaluations.length} judgements, ${signals.length} signals\n`,
)
for (const { firedAt, direction, price, stopPrice, targetPrice } of signals.slice(0, 5)) {
  const [at, stop, target] = [new Date(firedAt).toISOString(), stopPrice.toFixed(2), targetPrice.toFixed(2)]
  console.log(`  ${at} ${direction} at ${price.toFixed(2)}, stop ${stop}, target ${target}`)
}

const silent = new Map<string, number>()
for (const { reasons } of evaluations) for (const { code } of reasons) silent.set(code, (silent.get(code) ?? 0) + 1)
console.log('\nWhy there was no signal, by reason:')
for (const [code, count] of [...silent].sort((a, b) => b[1] - a[1]))
  console.log(`  ${String(count).padStart(5)}  ${code}`)

const fired = new Map(dipBuyer.rules.map(({ id }) => [id, 0]))
for (const { rules } of evaluations) for (const it of rules) if (it.fired) fired.set(it.id, (fired.get(it.id) ?? 0) + 1)
console.log('\nHow often each rule fired:')
for (const [id, count] of fired)
  console.log(`  ${((100 * count) / evaluations.length).toFixed(1).padStart(5)} %  ${id}`)

const nearMiss = evaluations.findLast(({ signalId, longScore }) => signalId === null && longScore === 2)
console.log('\nThe last time that one point was missing:')
console.log(' ', nearMiss?.rules.map(({ id, fired }) => `${id} ${fired ? 'yes' : 'no'}`).join(', '))
console.log(' ', nearMiss?.reasons.map(({ message }) => message).join(' '))
