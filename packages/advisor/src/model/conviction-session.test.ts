import { readFileSync } from 'node:fs'
import { createVirtualClock } from '@barfinex/core'
import { describe, expect, test } from 'vitest'
import { generateCandles } from '../../test/regime-switching-market.js'
import { sigmoid } from '../calibration/metrics.js'
import { contributionsOf, readConvictionModel } from './conviction-model.js'
import { type ConvictionSessionOptions, openConvictionSession } from './conviction-session.js'
import { defaultModel } from './default-model.js'
import { familiarityOf } from './familiarity.js'
import { featureCount, featureSchema, featureSchemaHash } from './feature-schema.js'
import { computeFeatures } from './features.js'
import { writeModelCard } from './model-card.js'
import { writeOnnx } from './onnx/write-onnx.js'

const modelBytes = defaultModel()
const model = readConvictionModel(modelBytes)
const barMs = 3_600_000
const { candles, spread } = generateCandles('unseen', 700, { barMs, startTime: 1_600_000_000_000 })
const featuresAt = (index: number) =>
  computeFeatures({
    candles,
    index,
    direction: 'long',
    spread: spread[index]!,
    asOf: candles.openTime[index]! + barMs,
    higher: [],
    resolved: { wonCount: 0, count: 0 },
  })
const request = { features: featuresAt(650), schemaHash: featureSchemaHash(), prior: 0.37 }

async function withSession<T>(
  options: ConvictionSessionOptions,
  use: (session: Awaited<ReturnType<typeof openConvictionSession>>) => Promise<T>,
): Promise<T> {
  const session = await openConvictionSession(options)
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}
const infer = (options: ConvictionSessionOptions, asked = request) =>
  withSession(options, (session) => session.infer(asked))

describe('engines', () => {
  test('ONNX Runtime answers, and our own evaluator answers the same', async () => {
    await withSession({ modelBytes }, async (native) => {
      expect(native.engine).toBe('onnxruntime')
      await withSession({ modelBytes, engine: 'typescript' }, async (own) => {
        for (let index = 519; index < 700; index += 1) {
          const asked = { ...request, features: featuresAt(index) }
          const [left, right] = [await native.infer(asked), await own.infer(asked)]
          expect([left.engine, right.engine]).toEqual(['onnxruntime', 'typescript'])
          expect(Math.abs(left.pRaw - right.pRaw)).toBeLessThanOrEqual(1e-6)
          expect(left.pRaw).toBeCloseTo(sigmoid(left.logit), 12)
          expect(left.familiarity).toEqual(right.familiarity)
        }
      })
    })
  })

  test('the answer is carried over to the reward to risk of the signal', async () => {
    await withSession({ modelBytes }, async (session) => {
      const own = await session.infer(request)
      expect((await session.infer({ ...request, rewardToRisk: 1.5 })).logit).toBe(own.logit)
      // Without drift a target twice as far is reached half as often, in odds.
      const far = await session.infer({ ...request, rewardToRisk: 3 })
      expect(far.logit).toBeCloseTo(own.logit - Math.log(2), 12)
    })
  })

  test('the same row gives the same bits every time', async () => {
    await withSession({ modelBytes }, async (session) => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => session.infer(request)))
      expect(new Set(answers.map(({ logit }) => logit)).size).toBe(1)
    })
  })

  test('a virtual clock waits for the answer', async () => {
    const clock = createVirtualClock({ startAt: 1_000 })
    await withSession({ modelBytes }, async (session) => {
      let answeredAt = 0
      let laterAt = 0
      clock.schedule(2_000, () => {
        void clock.hold(session.infer(request)).then(() => {
          answeredAt = clock.now()
        })
      })
      clock.schedule(2_001, () => {
        laterAt = answeredAt
      })
      await clock.advanceTo(3_000)
      expect(answeredAt).toBe(2_000)
      expect(laterAt).toBe(2_000)
    })
  })
})

describe('degradation', () => {
  const codes = (reasons: readonly { readonly code: string }[]) => reasons.map(({ code }) => code)

  test.each([
    ['cannot be loaded', async () => Promise.reject(new Error('Cannot find package')), 'typescript'],
    ['answers wrongly', async () => ({ logitOf: async () => 9, release: async () => {} }), 'typescript'],
  ] as const)('a runtime that %s gives way to our own evaluator, and says so', async (_, loadRuntime, engine) => {
    const conviction = await infer({ modelBytes, loadRuntime })
    expect(conviction.engine).toBe(engine)
    expect(codes(conviction.reasons)).toContain('advisor.model.runtime-missing')
    expect(conviction.logit).toBe((await infer({ modelBytes, engine: 'typescript' })).logit)
  })

  test('a runtime that fails later gives way for that answer', async () => {
    let asked = 0
    const loadRuntime = async () => ({
      logitOf: async (features: Float32Array) => {
        asked += 1
        if (asked > 1) throw new Error('out of memory')
        return model.evaluate(features)
      },
      release: async () => {},
    })
    const conviction = await infer({ modelBytes, loadRuntime })
    expect(conviction.engine).toBe('typescript')
    expect(codes(conviction.reasons)).toContain('advisor.model.runtime-failed')
  })

  test.each([
    ['is missing', { modelBytes: null }, 'advisor.model.missing'],
    ['is damaged', { modelBytes: modelBytes.slice(0, 900) }, 'advisor.model.invalid'],
    ['is foreign', { modelBytes: writeOnnx(model.graph, {}) }, 'advisor.model.invalid'],
    ['is another one', { modelBytes, expectedModelId: '0'.repeat(64) }, 'advisor.model.hash-mismatch'],
  ] as const)('without a model that can be used (it %s) the table prior answers', async (_, options, code) => {
    const conviction = await infer(options)
    expect(conviction).toMatchObject({ engine: 'prior', modelId: null, familiarity: null })
    expect(conviction.pRaw).toBeCloseTo(0.37, 12)
    expect(codes(conviction.reasons)).toEqual([code])
  })

  test.each([
    ['NaN', { features: request.features.map((value, i) => (i === 3 ? Number.NaN : value)) }, 'not-finite'],
    ['an infinity', { features: request.features.map((value, i) => (i === 3 ? 1 / 0 : value)) }, 'not-finite'],
    ['a short vector', { features: request.features.slice(1) }, 'wrong-length'],
    ['another schema', { schemaHash: 'f'.repeat(64) }, 'schema-mismatch'],
  ])('%s never reaches the model', async (_, wrong, code) => {
    const loadRuntime = async () => ({
      logitOf: async (features: Float32Array) => {
        expect(features).toBe(model.card.median)
        return model.evaluate(features)
      },
      release: async () => {},
    })
    const conviction = await infer({ modelBytes, loadRuntime }, { ...request, ...wrong })
    expect(conviction.engine).toBe('prior')
    expect(codes(conviction.reasons)).toContain(`advisor.model.${code}`)
  })

  test('a conviction stays between 0.01 and 0.99', async () => {
    const { mean, median, deviation } = model.card
    const zero = median.map(() => 0)
    const certain = { kind: 'linear', mean, scale: deviation, weight: zero, bias: 50 } as const
    const bytes = writeOnnx(certain, writeModelCard(model.card))
    expect((await infer({ modelBytes: bytes })).pRaw).toBeCloseTo(0.99, 12)
    expect((await infer({ modelBytes: null }, { ...request, prior: 0 })).pRaw).toBeCloseTo(0.01, 12)
  })
})

describe('familiarity', () => {
  test('an unseen market of the same kind is mostly familiar', () => {
    const verdicts = Array.from({ length: 180 }, (_, k) => familiarityOf(model.card, featuresAt(519 + k)).verdict)
    expect(verdicts.filter((verdict) => verdict !== 'outside').length).toBeGreaterThan(150)
  })

  test('one feature out of range is the edge, three are outside, and so is a place where nobody was', () => {
    const { median, high } = model.card
    const beyond = (count: number) => median.map((value, i) => (i < count ? high[i]! + 0.001 : value))
    expect(familiarityOf(model.card, median).verdict).toBe('inside')
    expect(familiarityOf(model.card, beyond(1))).toMatchObject({ verdict: 'edge', breaches: ['return1'] })
    expect(familiarityOf(model.card, beyond(3)).verdict).toBe('outside')
    const far = familiarityOf(
      model.card,
      median.map((value, i) => value + 9 * model.card.deviation[i]!),
    )
    expect(far.verdict).toBe('outside')
    expect(far.reasons.map(({ code }) => code)).toContain('advisor.model.far-from-training')
  })
})

describe('the model that ships', () => {
  const asset = (name: string) => readFileSync(new URL(`../../assets/${name}`, import.meta.url))

  test('is the asset, byte for byte, with its report and this schema', () => {
    expect(Buffer.from(modelBytes).equals(asset('default-model.onnx'))).toBe(true)
    expect(modelBytes.length).toBeLessThan(200_000)
    const report = JSON.parse(asset('default-model.report.json').toString('utf8'))
    expect(report.modelId).toBe(model.modelId)
    expect(model.card.schemaHash).toBe(featureSchemaHash())
    expect(model.card.features).toEqual(featureSchema.columns.map(({ name }) => name))
    expect(report.holdout.suspectedLeak).toBe(false)
  })

  test('a card survives being written', () => {
    const again = readConvictionModel(writeOnnx(model.graph, writeModelCard(model.card)))
    expect(again.card).toEqual(model.card)
    expect(again.modelId).toBe(model.modelId)
  })

  test('contributions: each is what its feature alone does; those of a linear model add up', () => {
    const { median } = model.card
    for (const { feature, value, effect } of contributionsOf(model, request.features)) {
      const i = model.card.features.indexOf(feature)
      const without = request.features.map((own, k) => (k === i ? median[k]! : own))
      expect(value).toBe(request.features[i])
      expect(effect).toBe(model.evaluate(request.features) - model.evaluate(without))
    }
    const weight = median.map((_, i) => Math.fround(0.1 * Math.sin(i)))
    const linear = { kind: 'linear', mean: model.card.mean, scale: median.map(() => 1), weight, bias: 0 } as const
    const plain = readConvictionModel(writeOnnx(linear, writeModelCard(model.card)))
    const all = contributionsOf(plain, request.features, featureCount)
    const sum = all.reduce((total, { effect }) => total + effect, 0)
    expect(sum).toBeCloseTo(plain.evaluate(request.features) - plain.evaluate(median), 4)
    for (let k = 1; k < all.length; k += 1) {
      expect(Math.abs(all[k]!.effect)).toBeLessThanOrEqual(Math.abs(all[k - 1]!.effect))
    }
  })
})
