import { type Candle, decimal, hashOf, type StageRecord } from '@barfinex/core'
import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AdviceCase, type AdviceStep, advise, type Moment } from './advise.js'
import { gatesSchema } from './gates.js'
import { ruleSynthesis } from './llm/rule-synthesis.js'
import type { Synthesis } from './llm/synthesis.js'
import { type Conviction, openConvictionSession } from './model/conviction-session.js'
import { defaultModel } from './model/default-model.js'
import { contextStage } from './stages/1-context.js'
import { scoreOf } from './stages/3-score.js'
import { stageNames } from './stages/stage.js'
import { aCase, aMarket, anInstrument, aSignal, type SeenMarket } from './testing/a-case.js'

const fair: Conviction = {
  logit: 0.2,
  pRaw: 0.55,
  engine: 'typescript',
  modelId: 'a'.repeat(64),
  familiarity: { verdict: 'inside', breaches: [], distance: 1, distanceLimit: 9, reasons: [] },
  reasons: [],
}

interface Answers {
  readonly conviction?: Conviction
  /** What a model adds to the synthesis of the rules; `null` for the rules alone. */
  readonly synthesis?: Partial<Synthesis> | null
  readonly moment?: Partial<Moment>
}

/** Walks a case to its end with given answers. */
function decide(it: AdviceCase, answers: Answers = {}) {
  let step: AdviceStep = advise(it)
  while (step.type !== 'done') {
    if (step.type === 'infer') step = step.resume(answers.conviction ?? fair)
    else {
      const rules = ruleSynthesis(step.request)
      const confirmed = { ...rules, source: 'llm', factor: 1, stance: 'confirm', ...answers.synthesis } as const
      const synthesis: Synthesis = answers.synthesis === null ? rules : confirmed
      step = step.resume(synthesis, { now: it.snapshot.asOf, quote: null, ...answers.moment })
    }
  }
  return step
}

function varied(market: SeenMarket, change: Partial<SeenMarket>): AdviceCase {
  const it = { ...market, ...change }
  return aCase(it, { signal: aSignal(market) })
}

describe('advise', () => {
  test('a good case ends in an intent with eight records', () => {
    const { decision, intent } = decide(aCase())
    expect(decision.reasons).toEqual([])
    expect(decision.outcome).toBe('intent')
    expect(decision.stages.map((it) => [it.stage, it.name])).toEqual(stageNames.map((name, index) => [index + 1, name]))
    expect(intent).toMatchObject({ decisionFingerprint: decision.fingerprint, sizeCap: 1 })
    expect(intent?.degraded).toContain('advisor.profile.exploratory')
    for (const price of [intent?.referencePrice, intent?.stopPrice, intent?.targetPrice]) {
      expect(decimal(price as string).isMultipleOf(decimal('0.01'))).toBe(true)
    }
  })

  test('equal cases are decided equally; the records chain, and a changed one breaks the chain', () => {
    const { decision } = decide(aCase())
    expect(decide(aCase()).decision).toEqual(decision)
    const chained = (records: readonly StageRecord[]) =>
      records.reduce((previous, it) => {
        expect(it.previousHash).toBe(previous)
        const { name, status, reasons, measured, limits } = it
        expect(it.outputHash).toBe(hashOf({ name, status, reasons, measured, limits }))
        return hashOf([previous, it.inputHash, it.outputHash])
      }, '0'.repeat(64))
    expect(chained(decision.stages)).toBe(decision.fingerprint)
    expect(decide(aCase(aMarket(2))).decision.fingerprint).not.toBe(decision.fingerprint)
  })

  test('a rejection still leaves eight records: the rest is skipped', () => {
    const late = aCase(aMarket(), { signal: aSignal(aMarket(), { expiresAt: 1 }) })
    const { decision, intent } = decide(late)
    expect(intent).toBeNull()
    expect(decision.rejectedBy).toBe('context')
    expect(decision.stages.map((it) => it.status)).toEqual(['rejected', ...Array<string>(7).fill('skipped')])
  })

  test('whatever a language model answers, the risk is at most what it is without one', () => {
    const it = aCase()
    const without = decide({ ...it, synthesisMode: 'off' }, { synthesis: null }).intent
    const anySynthesis = fc.record({
      stance: fc.constantFrom('confirm' as const, 'downgrade' as const, 'veto' as const, 'abstain' as const),
      factor: fc.double({ min: -5, max: 1e9, noNaN: false }),
      source: fc.constantFrom('llm' as const, 'cassette' as const, 'rules' as const),
    })
    fc.assert(
      fc.property(
        anySynthesis,
        fc.constantFrom('veto' as const, 'require' as const, 'shadow' as const, 'off' as const),
        (synthesis, mode) => {
          const { intent } = decide({ ...it, synthesisMode: mode }, { synthesis })
          if (intent === null) return
          expect(intent.sizeCap).toBeLessThanOrEqual(without?.sizeCap ?? 0)
          expect(intent.sizeCap).toBeGreaterThan(0)
          const { stopPrice, targetPrice, direction, symbol } = intent
          expect({ stopPrice, targetPrice, direction, symbol }).toEqual({
            stopPrice: without?.stopPrice,
            targetPrice: without?.targetPrice,
            direction: without?.direction,
            symbol: without?.symbol,
          })
        },
      ),
      { numRuns: testRuns(100) },
    )
  })

  test('modes: shadow never counts, veto does, require refuses without a model, a failed model halves the size', () => {
    const it = aCase()
    const veto: Partial<Synthesis> = { stance: 'veto', factor: 0 }
    expect(decide({ ...it, synthesisMode: 'shadow' }, { synthesis: veto }).intent?.sizeCap).toBe(1)
    expect(decide({ ...it, synthesisMode: 'veto' }, { synthesis: veto }).decision.rejectedBy).toBe('synthesis')
    const rules: Partial<Synthesis> = { source: 'rules' }
    expect(decide({ ...it, synthesisMode: 'require' }, { synthesis: rules }).decision.reasons[0]?.code).toBe(
      'advisor.synthesis.required',
    )
    expect(decide({ ...it, synthesisMode: 'veto' }, { synthesis: rules }).intent?.sizeCap).toBe(0.5)
  })

  test('a conviction by the prior, or outside of what was trained, halves the size', () => {
    const prior: Conviction = {
      ...fair,
      engine: 'prior',
      modelId: null,
      familiarity: null,
      reasons: [{ code: 'advisor.model.missing', message: 'none' }],
    }
    const { decision, intent, logit } = decide(aCase(), { conviction: prior })
    expect(intent?.sizeCap).toBe(0.5)
    expect(logit).toBeNull()
    expect(decision.stages[3]).toMatchObject({ status: 'degraded', measured: { engine: 'prior' } })
  })

  test('a trade that is not worth its costs is refused by its expectation', () => {
    const { decision } = decide(varied(aMarket(), { instrument: anInstrument({ takerFeeBps: '60' }) }))
    expect(decision.rejectedBy).toBe('calibration')
    expect(decision.reasons[0]).toMatchObject({ code: 'advisor.calibration.expected-r', limit: -0.6 })
    const strict = gatesSchema.parse({ minScore: -1, minExpectedR: 5 })
    expect(decide(aCase(aMarket(), { gates: strict })).decision.reasons[0]?.limit).toBe(5)
  })

  test('the price of this moment counts, not that of the signal: all that is wrong with it is named', () => {
    const market = aMarket()
    const ran = { ...market.quote, bid: market.quote.bid * 1.03, ask: market.quote.ask * 1.04 }
    const { decision } = decide(aCase(market), { moment: { quote: ran, now: market.now + 400_000 } })
    expect(decision.rejectedBy).toBe('validation')
    expect(decision.reasons.map((it) => it.code)).toEqual(
      expect.arrayContaining([
        'advisor.validation.target-side',
        'advisor.validation.drift',
        'advisor.validation.reward-risk',
        'advisor.validation.expired',
        'advisor.validation.stale-quote',
      ]),
    )
  })

  const bars =
    (change: (candles: Candle[]) => void) =>
    (market: SeenMarket): Partial<SeenMarket> => {
      const candles = market.candles.map((it) => ({ ...it }))
      change(candles)
      return { candles }
    }
  const last = (candles: Candle[]) => candles.at(-1) as Candle
  test.each<[string, string, (market: SeenMarket) => Partial<SeenMarket>]>([
    [
      'a bar whose high is below its close',
      'advisor.quality.bad-bars',
      bars((all) => void Object.assign(last(all), { high: last(all).low * 0.9 })),
    ],
    [
      'a bar that is not a number',
      'advisor.quality.bad-bars',
      bars((all) => void Object.assign(all[100] as Candle, { close: Number.NaN })),
    ],
    ['a crossed quote', 'advisor.quality.crossed', (it) => ({ quote: { ...it.quote, bid: it.quote.ask + 1 } })],
    ['a wide spread', 'advisor.quality.spread', (it) => ({ quote: { ...it.quote, ask: it.quote.ask * 1.01 } })],
    ['an old quote', 'advisor.quality.stale-quote', (it) => ({ quote: { ...it.quote, occurredAt: it.now - 120_000 } })],
    [
      'an old bar',
      'advisor.quality.stale-bar',
      (it) => ({ now: it.now + 600_000, quote: { ...it.quote, occurredAt: it.now + 600_000 } }),
    ],
  ])('refuses %s', (_, code, change) => {
    const market = aMarket()
    const changed = { ...market, ...change(market) }
    const { decision } = decide(aCase(changed, { signal: aSignal(market, { expiresAt: market.now + 9_000_000 }) }))
    expect(decision.rejectedBy).toBe('quality')
    expect(decision.reasons.map((it) => it.code)).toContain(code)
  })

  test('a market that stands still is decided, with reasons, though half of its features have no meaning', async () => {
    const flat = stoodStill(aMarket())
    const it = { ...aCase(flat), gates: gatesSchema.parse({ ...open, maxStopAtr: 1e9, maxSpreadOfStop: 1 }) }
    const session = await openConvictionSession({ modelBytes: defaultModel(), engine: 'typescript' })
    let step = advise({ ...it, model: session.model })
    if (step.type !== 'infer') throw new Error('the case should reach the model')
    expect([...step.request.features].some(Number.isNaN)).toBe(true)
    step = step.resume(await session.infer(step.request))
    if (step.type === 'synthesise') step = step.resume(ruleSynthesis(step.request), { now: flat.now, quote: null })
    if (step.type !== 'done') throw new Error('the case should end')
    expect(step.decision.stages[3]).toMatchObject({ status: 'degraded', measured: { engine: 'prior' } })
    expect(step.decision.stages[3]?.reasons[0]?.code).toBe('advisor.model.not-finite')
    expect(step.decision.reasons).not.toEqual([])
    expect(decide(aCase(flat)).decision.reasons).not.toEqual([])
  })

  test('the model is asked for the reward to risk of this signal', () => {
    const step = advise(aCase())
    if (step.type !== 'infer') throw new Error('the case should reach the model')
    expect(step.request.rewardToRisk).toBeGreaterThan(2)
    expect(step.request.rewardToRisk).toBeLessThan(2.6)
  })

  test('too little history, unknown rules and no quote are all named', () => {
    const { snapshot } = aCase()
    const { status, reasons } = contextStage(
      { ...snapshot, candles: null, instrument: null, quote: null },
      Number.MAX_SAFE_INTEGER,
    )
    expect(status).toBe('rejected')
    expect(reasons.map((it) => it.code)).toEqual([
      'advisor.context.bars',
      'advisor.context.instrument',
      'advisor.context.quote',
    ])
  })

  test('the independent score does not change with scale, nor when market and direction are mirrored', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const market = aMarket(seed)
      const score = (it: SeenMarket, direction: 'long' | 'short') => {
        const { snapshot, signal } = aCase(it, { signal: aSignal(it, { direction, stopPrice: stopOf(it, direction) }) })
        const { found } = contextStage(snapshot, Number.MAX_SAFE_INTEGER)
        if (found === null) throw new Error('the context should be whole')
        return scoreOf(snapshot, found, signal).score
      }
      const base = score(market, 'long')
      expect(
        score(
          transformed(market, (price) => price * 10),
          'long',
        ),
      ).toBeCloseTo(base, 9)
      expect(
        score(
          transformed(market, (price) => 4e8 / price),
          'short',
        ),
      ).toBeCloseTo(base, 9)
      const wide = { ...market, quote: { ...market.quote, ask: market.quote.ask * 1.0005 } }
      expect(score(wide, 'long')).toBeLessThanOrEqual(base)
    }
  })
})

const open = { minScore: -1, minQuality: 0, minExpectedR: -9, minExpectedRLow: -9 }

/** The same market with every bar at one price. */
function stoodStill(market: SeenMarket): SeenMarket {
  const price = (market.candles.at(-1) as Candle).close
  const still = (it: Candle): Candle => ({ ...it, open: price, high: price, low: price, close: price })
  return { ...market, candles: market.candles.map(still), higher: market.higher.map(still) }
}

function stopOf(market: SeenMarket, direction: 'long' | 'short'): number {
  const price = (market.candles.at(-1) as Candle).close
  return direction === 'long' ? price * 0.992 : price / 0.992
}

/** The same market in other prices; where the order of prices turns round, highs become lows and bids asks. */
function transformed(market: SeenMarket, change: (price: number) => number): SeenMarket {
  const bar = (it: Candle): Candle => {
    const [a, b] = [change(it.high), change(it.low)]
    return { ...it, open: change(it.open), close: change(it.close), high: Math.max(a, b), low: Math.min(a, b) }
  }
  const [a, b] = [change(market.quote.bid), change(market.quote.ask)]
  return {
    ...market,
    candles: market.candles.map(bar),
    higher: market.higher.map(bar),
    quote: { ...market.quote, bid: Math.min(a, b), ask: Math.max(a, b) },
  }
}
