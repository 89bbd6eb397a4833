import {
  type Act,
  type Candle,
  createMemoryBus,
  createVirtualClock,
  defineDesk,
  type Evaluation,
  flow,
  type Instrument,
  queries,
  type Signal,
  type StrategyState,
} from '@barfinex/core'
import { describe, expect, test } from 'vitest'
import { close, custom, gt, multiply } from './rules/builders.js'
import { createService } from './service.js'
import { defineStrategy, type StrategyOptions } from './strategy.js'
import { judge, walk } from './testing/index.js'

const rising: StrategyOptions = {
  id: 'rising',
  inputs: { main: '1m' },
  rules: [{ id: 'up', direction: 'long', weight: 1, when: gt(close(), close({ ago: 1 })) }],
  thresholds: { long: 1 },
  exits: { long: { stop: multiply(close(), 0.99), target: multiply(close(), 1.02) } },
}

const instrument = (symbol: string): Instrument => ({
  symbol,
  exchange: 'test',
  kind: 'spot',
  base: symbol.split('/')[0] as string,
  quote: 'USDT',
  settle: 'USDT',
  tickSize: '0.01',
  stepSize: '0.001',
  minQuantity: '0.001',
  maxQuantity: null,
  minNotional: '5',
  maxNotional: null,
  makerFeeBps: '10',
  takerFeeBps: '10',
  status: 'trading',
  revision: 1,
})

/** A desk of one detector, with history and live candles played by the test as Provider would. */
async function start(
  strategies: readonly StrategyOptions[],
  symbols: readonly string[],
  history: readonly Candle[] = [],
) {
  const bus = createMemoryBus()
  const clock = createVirtualClock({ startAt: history.at(-1)?.closeTime ?? 1_704_067_200_000 })
  const instruments = bus.publisher(flow.instrument, 'provider')
  for (const symbol of symbols) instruments.publish(instrument(symbol), { occurredAt: clock.now() })
  bus.respond(queries.candles, ({ symbol, timeframe, until, limit }) => ({
    candles: history
      .filter((it) => it.symbol === symbol && it.timeframe === timeframe && it.closeTime <= until)
      .slice(-limit),
    cursor: null,
  }))
  const said = { evaluations: [] as Evaluation[], signals: [] as Signal[], states: [] as StrategyState[] }
  bus.subscribe(flow.evaluation, (it) => void said.evaluations.push(it.payload))
  bus.subscribe(flow.signal, (it) => void said.signals.push(it.payload))
  bus.subscribe(flow.strategyState, (it) => void said.states.push(it.payload))
  const desk = defineDesk((runtime) => ({ detector: createService({ ...runtime, strategies: [...strategies] }) }))
  const started = await desk.start({ bus, clock })
  const candles = bus.publisher(flow.candle, 'provider')
  return {
    ...started,
    bus,
    said,
    async close(all: readonly Candle[]) {
      for (const it of all) {
        await clock.advanceTo(it.closeTime)
        candles.publish(it, { occurredAt: clock.now() })
        await bus.settled()
      }
    },
  }
}

describe('detector service', () => {
  test('says over the bus what the heart says, after its history', async () => {
    const all = walk(4, 300)
    const history = all.slice(0, 100)
    const live = all.slice(100)
    const desk = await start([rising], ['BTC/USDT'], history)
    await desk.close(live)
    const judged = judge(defineStrategy(rising), 'BTC/USDT', live, history)
    expect(desk.said.signals).toEqual(judged.signals)
    expect(desk.said.evaluations).toEqual(judged.evaluations)
    expect(desk.said.signals.length).toBeGreaterThan(20)
    await desk.stop()
  })

  test('every message names the candle that led to it', async () => {
    const desk = await start([rising], ['BTC/USDT'])
    const trail: string[] = []
    desk.bus.subscribe(flow.signal, (it) => void trail.push(it.causationId, it.correlationId))
    const candles = walk(4, 20)
    await desk.close(candles)
    const ids = new Set(candles.map((it) => `market.candle:BTC/USDT@1m@${it.openTime}.0`))
    expect(trail.length).toBeGreaterThan(0)
    expect(trail.every((id) => ids.has(id))).toBe(true)
    await desk.stop()
  })

  test('one that throws is quarantined and reported; the others and the other symbols go on; release lets it try again', async () => {
    let isBroken = true
    const bad: StrategyOptions = {
      ...rising,
      id: 'bad',
      rules: [
        {
          id: 'bomb',
          direction: 'long',
          weight: 1,
          when: custom(
            {
              id: 'bomb',
              revision: 1,
              call: (price) => {
                if (isBroken && price > 0) throw new Error('boom')
                return 1
              },
            },
            close(),
          ),
        },
      ],
    }
    const desk = await start([bad, rising], ['BTC/USDT', 'ETH/USDT'])
    const btc = walk(4, 60)
    const eth = walk(5, 60, { symbol: 'ETH/USDT' })
    await desk.close(btc.slice(0, 30).flatMap((it, index) => [it, eth[index] as Candle]))
    expect(
      desk.said.states.filter((it) => it.state === 'quarantined').map((it) => [it.strategyId, it.reason?.code]),
    ).toEqual([['bad', 'detector.strategy-threw']])
    const by = (id: string, symbol: string) =>
      desk.said.evaluations.filter((it) => it.strategyId === id && it.symbol === symbol).length
    expect([by('bad', 'BTC/USDT'), by('rising', 'BTC/USDT'), by('rising', 'ETH/USDT')]).toEqual([0, 30, 30])
    isBroken = false
    desk.bus.publisher(flow.operatorCommand, 'studio').publish(
      {
        commandId: 'c-1',
        type: 'releaseStrategy',
        account: 'paper',
        symbol: null,
        clientOrderId: null,
        strategyId: 'bad',
        by: 'ann',
        why: 'mended',
        issuedAt: 0,
        expiresAt: 8e15,
      },
      { occurredAt: desk.runtime.clock.now() },
    )
    await desk.bus.settled()
    await desk.close(btc.slice(30))
    expect(by('bad', 'BTC/USDT')).toBe(30)
    await desk.stop()
  })

  test('a throttled strategy is still judged but keeps its signals, and says who asked for quiet', async () => {
    const desk = await start([rising], ['BTC/USDT'])
    const candles = walk(4, 60)
    const act: Act = {
      actId: 'a-1',
      type: 'throttle',
      symbol: null,
      strategyId: 'rising',
      reason: { code: 'inspector.losing-streak', message: 'Five losses in a row.' },
      until: (candles[29] as Candle).closeTime,
      decidedAt: 0,
    }
    desk.bus.publisher(flow.act, 'inspector').publish(act, { occurredAt: desk.runtime.clock.now() })
    await desk.close(candles.slice(0, 29))
    expect(desk.said.signals).toEqual([])
    expect(desk.said.evaluations).toHaveLength(29)
    expect(desk.said.evaluations.flatMap((it) => it.reasons.map((reason) => reason.code))).toContain(
      'detector.throttled',
    )
    await desk.close(candles.slice(29))
    expect(desk.said.signals.length).toBeGreaterThan(0)
    expect(desk.said.states.at(-1)?.state).toBe('active')
    await desk.stop()
  })

  test('an instrument that appears later is followed too; symbols that a strategy does not name are not', async () => {
    const desk = await start([{ ...rising, symbols: ['ETH/USDT'] }], ['BTC/USDT'])
    await desk.close(walk(4, 10))
    expect(desk.said.evaluations).toEqual([])
    desk.bus
      .publisher(flow.instrument, 'provider')
      .publish(instrument('ETH/USDT'), { occurredAt: desk.runtime.clock.now() })
    await desk.runtime.clock.hold(Promise.resolve())
    await desk.close(walk(4, 10, { symbol: 'ETH/USDT', startAt: desk.runtime.clock.now() }))
    expect(desk.said.evaluations.length).toBeGreaterThan(0)
    await desk.stop()
  })

  test.each([
    [{ strategies: [] }, /strategies/],
    [{ strategies: [rising, rising] }, /two strategies of one id/],
    [{ strategies: [rising], evaluation: 'all' }, /did you mean "evaluations"/],
    [{ strategies: [{ ...rising, thresholds: {} }] }, /needs a threshold/],
  ])('refuses options %#', (options, message) => {
    expect(() => createService({ bus: createMemoryBus(), ...options } as never)).toThrowError(message)
  })
})
