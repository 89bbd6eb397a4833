import {
  type Calibration,
  createMemoryBus,
  createMemoryJournal,
  createVirtualClock,
  type Decision,
  defineDesk,
  type Envelope,
  type ExecutionIntent,
  flow,
  queries,
  type Signal,
  silentLog,
  type TradeOutcome,
} from '@barfinex/core'
import { describe, expect, test } from 'vitest'
import { type AdvisorOptions, createService } from './service.js'
import { aMarket, aSignal, type SeenMarket } from './testing/a-case.js'

/** An advisor on a bus whose Provider and Detector the test plays. */
async function start(
  markets: readonly SeenMarket[],
  options: Partial<AdvisorOptions> = {},
  journal = createMemoryJournal(),
) {
  const bus = createMemoryBus()
  const clock = createVirtualClock({ startAt: (markets[0] as SeenMarket).now })
  const history = markets.flatMap((it) => [...it.candles, ...it.higher])
  bus.respond(queries.candles, ({ symbol, timeframe, until, limit }) => ({
    candles: history
      .filter((it) => it.symbol === symbol && it.timeframe === timeframe && it.closeTime <= until)
      .slice(-limit),
    cursor: null,
  }))
  const instruments = bus.publisher(flow.instrument, 'provider')
  const quotes = bus.publisher(flow.quote, 'provider')
  const candles = bus.publisher(flow.candle, 'provider')
  const signals = bus.publisher(flow.signal, 'detector')
  for (const it of markets) instruments.publish(it.instrument, { occurredAt: clock.now() })
  const decisions: Envelope<Decision>[] = []
  const intents: Envelope<ExecutionIntent>[] = []
  const calibrations: Calibration[] = []
  bus.subscribe(flow.decision, (it) => void decisions.push(it))
  bus.subscribe(flow.intent, (it) => void intents.push(it))
  bus.subscribe(flow.calibration, (it) => void calibrations.push(it.payload))
  const desk = defineDesk((runtime) => ({
    advisor: createService({
      ...runtime,
      timeframes: ['5m'],
      gates: { minScore: -1, minExpectedR: -5, minExpectedRLow: -5 },
      ...options,
    } as AdvisorOptions),
  }))
  const started = await desk.start({ bus, clock, journal, log: silentLog })
  for (const it of markets) quotes.publish(it.quote, { occurredAt: clock.now() })
  const signalAll = async (all: readonly Signal[]) => {
    const sent = all.map((it) => signals.publish(it, { occurredAt: clock.now() }))
    await clock.advanceBy(0)
    return sent
  }
  return { ...started, bus, clock, decisions, intents, calibrations, candles, quotes, signalAll }
}

describe('advisor service', () => {
  test('decides a signal with the model that ships, and emits its intent as the decision’s effect', async () => {
    const market = aMarket(1)
    const desk = await start([market])
    const [sent] = await desk.signalAll([aSignal(market)])
    const [decided] = desk.decisions
    expect(decided?.payload.outcome).toBe('intent')
    expect(decided?.payload.stages[3]?.measured).toMatchObject({ engine: 'onnxruntime' })
    expect(decided?.causationId).toBe(sent?.id)
    expect(desk.intents[0]?.causationId).toBe(decided?.id)
    expect(desk.intents[0]?.correlationId).toBe(sent?.correlationId)
    expect(flow.decision.schema.safeParse(decided?.payload).error).toBeUndefined()
    expect(flow.intent.schema.safeParse(desk.intents[0]?.payload).error).toBeUndefined()
    await desk.stop()
  })

  test('time stands still while models are asked, and the order of decisions does not depend on who answers first', async () => {
    const symbols = ['BTC/USDT:USDT', 'ETH/USDT:USDT', 'SOL/USDT:USDT']
    const markets = symbols.map((symbol, index) => aMarket(index + 1, symbol))
    const all = markets.flatMap((it, index) => [
      aSignal(it, { signalId: `s-${index}-a` }),
      // Rejected at once, without an effect: it must still wait its turn.
      aSignal(it, { signalId: `s-${index}-b`, expiresAt: 1 }),
    ])
    const run = async () => {
      const desk = await start(markets)
      const before = desk.clock.now()
      const seen = { countLater: 0 }
      desk.clock.schedule(before + 1, () => {
        seen.countLater = desk.decisions.length
      })
      await desk.signalAll(all)
      await desk.clock.advanceBy(10)
      expect(desk.decisions.every((it) => it.occurredAt === before)).toBe(true)
      expect(seen.countLater).toBe(all.length)
      await desk.stop()
      return desk.decisions.map((it) => it.payload.signalId)
    }
    const order = await run()
    for (const index of [0, 1, 2]) {
      expect(order.indexOf(`s-${index}-a`)).toBeLessThan(order.indexOf(`s-${index}-b`))
    }
    expect(order.filter((id) => id.endsWith('a'))).toEqual(['s-0-a', 's-1-a', 's-2-a'])
    for (let again = 0; again < 4; again += 1) expect(await run()).toEqual(order)
  })

  test('the same signal twice is decided once', async () => {
    const market = aMarket(1)
    const desk = await start([market])
    await desk.signalAll([aSignal(market), aSignal(market)])
    await desk.signalAll([aSignal(market)])
    expect(desk.decisions).toHaveLength(1)
    await desk.stop()
  })

  test('a model that is not the one asked for gives way to the prior, and the service says that it is degraded', async () => {
    const market = aMarket(1)
    const desk = await start([market], { model: { expectedModelId: '0'.repeat(64) } })
    expect(desk.advisor.status()).toMatchObject({ state: 'degraded', code: 'advisor.model.fallback' })
    await desk.signalAll([aSignal(market)])
    expect(desk.decisions[0]?.payload.stages[3]).toMatchObject({ status: 'degraded', measured: { engine: 'prior' } })
    expect(desk.intents[0]?.payload.sizeCap).toBeLessThanOrEqual(0.5)
    expect(desk.intents[0]?.payload.degraded).toContain('advisor.model.hash-mismatch')
    await desk.stop()
  })

  test('learns from a real outcome, says what it has learned at the end, and finds it again after a restart', async () => {
    const market = aMarket(1)
    const journal = createMemoryJournal()
    const desk = await start([market], {}, journal)
    await desk.signalAll([aSignal(market)])
    const intent = desk.intents[0]?.payload as ExecutionIntent
    desk.bus.publisher(flow.outcome, 'inspector').publish(anOutcome(intent), { occurredAt: desk.clock.now() })
    await desk.stop()
    expect(desk.calibrations.at(-1)?.outcomeCount).toBe(1)
    const again = await start([market], {}, journal)
    await again.stop()
    expect(again.calibrations.at(-1)?.outcomeCount).toBe(1)
    expect(again.calibrations.at(-1)?.state).toEqual(desk.calibrations.at(-1)?.state)
  })

  test('a refused signal is watched to its end and learned from as well', async () => {
    const market = aMarket(1)
    const desk = await start([market], { gates: { minScore: -1, minExpectedR: 9 } })
    const signal = aSignal(market)
    await desk.signalAll([signal])
    expect(desk.decisions[0]?.payload.rejectedBy).toBe('calibration')
    const last = market.candles.at(-1)
    if (last === undefined) throw new Error('no candles')
    const next = {
      ...last,
      openTime: last.closeTime,
      closeTime: last.closeTime + 300_000,
      low: signal.stopPrice * 0.99,
    }
    await desk.clock.advanceTo(next.closeTime)
    desk.candles.publish(next, { occurredAt: desk.clock.now() })
    await desk.stop()
    expect(desk.calibrations.at(-1)?.outcomeCount).toBe(1)
  })

  test.each([
    [{ gates: { minScor: 1 } }, /did you mean "gates.minScore"|minScore/],
    [{ profile: 'reckless' }, /profile/],
    [{ timeframes: [] }, /timeframes/],
  ])('refuses options %#', (options, message) => {
    expect(() => createService({ bus: createMemoryBus(), ...options } as never)).toThrowError(message)
  })
})

function anOutcome(intent: ExecutionIntent): TradeOutcome {
  return {
    outcomeId: 'out-1',
    account: 'paper',
    intentId: intent.intentId,
    decisionId: intent.decisionId,
    signalId: intent.signalId,
    strategyId: intent.strategyId,
    symbol: intent.symbol,
    direction: intent.direction,
    quantity: '1',
    entryPrice: intent.referencePrice,
    exitPrice: intent.targetPrice,
    grossPnl: '10',
    fees: '1',
    netPnl: '9',
    resultR: 0.9,
    exitReason: 'takeProfit',
    probability: intent.probability,
    regime: intent.regime,
    openedAt: intent.issuedAt,
    closedAt: intent.issuedAt + 1,
  }
}
