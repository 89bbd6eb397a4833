import { createRandom } from '@barfinex/core'
import fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { generateCandles } from '../../../test/regime-switching-market.js'
import { areaUnderCurve, sigmoid } from '../../calibration/metrics.js'
import { readConvictionModel } from '../conviction-model.js'
import { featureCount, featureSchema } from '../feature-schema.js'
import type { ConvictionGraph } from '../onnx/conviction-graph.js'
import { evaluatorOf } from '../onnx/evaluate.js'
import { writeOnnx } from '../onnx/write-onnx.js'
import { candidateSignals } from './candidate-signals.js'
import { defaultLabelOptions, labelSignal } from './label.js'
import { sampleWeights } from './sample-weights.js'
import { type FitRows, trainLogistic } from './train-logistic.js'
import { trainModel } from './train-model.js'
import { defaultTreeOptions, trainTrees } from './train-trees.js'
import { mergeTrainingSets, type TrainingSet, trainingSetOf } from './training-set.js'
import { defaultTrainingOptions, validate } from './validate.js'
import { splitOnce, walkForward } from './walk-forward.js'

const barMs = 3_600_000
const market = generateCandles(21, 5_000, { barMs, startTime: 1_500_000_000_000 })
const signals = candidateSignals(market.candles)
const set = trainingSetOf({ ...market, barMs, signals })
const options = {
  ...defaultTrainingOptions,
  foldCount: 3,
  trees: { ...defaultTreeOptions, treeCount: 40, minLeafRows: 40 },
  embargoMs: 24 * barMs,
  label: defaultLabelOptions,
}

describe('labels', () => {
  /** Candles of a few bars: open, high, low, close. */
  const candlesOf = (bars: readonly (readonly [number, number, number, number])[]) => {
    const column = (k: number) => Float64Array.from(bars, (bar) => bar[k]!)
    return {
      length: bars.length,
      openTime: Float64Array.from(bars, (_, i) => i * barMs),
      open: column(0),
      high: column(1),
      low: column(2),
      close: column(3),
      volume: new Float64Array(bars.length),
    }
  }
  const options3 = { ...defaultLabelOptions, horizonBars: 3 }
  const judged = [100, 100, 100, 100] as const
  const flat = [100, 100.5, 99.5, 100] as const
  const free = new Float64Array(4)
  const long = { index: 0, direction: 'long', atr: 2 } as const
  const short = { index: 0, direction: 'short', atr: 2 } as const

  test.each([
    ['target', [judged, flat, [100, 105, 99, 104], flat], long, 'target', 1.5, 2],
    ['stop', [judged, flat, [100, 101, 96, 97], flat], long, 'stop', -1, 2],
    ['both barriers in one bar count as the stop', [judged, [100, 110, 90, 100], flat, flat], long, 'stop', -1, 1],
    ['an opening beyond the stop fills there', [judged, flat, [94, 95, 93, 94], flat], long, 'stop', -2, 2],
    ['time', [judged, flat, flat, [100, 101, 100, 101]], long, 'time', 1 / 3, 3],
    ['a short is the mirror', [judged, flat, [100, 101, 95, 96], flat], short, 'target', 1.5, 2],
  ] as const)('%s', (_, bars, signal, barrier, resultR, endIndex) => {
    const label = labelSignal(candlesOf(bars), free, signal, options3)
    expect(label).toMatchObject({ barrier, endIndex, won: resultR > 0 })
    expect(label?.resultR).toBeCloseTo(resultR, 12)
  })

  test('half the spread is paid on each side, and fees come off', () => {
    const bars = candlesOf([judged, flat, flat, flat])
    const costly = new Float64Array(4).fill(0.2)
    // In at 100.1, out at 99.9, risk 3.
    expect(labelSignal(bars, costly, long, options3)?.resultR).toBeCloseTo(-0.2 / 3, 12)
    const fees = labelSignal(bars, costly, long, { ...options3, feeBps: 10 })
    expect(fees?.resultR).toBeCloseTo(-0.2 / 3 - 0.2 / 3, 12)
    expect(fees?.won).toBe(false)
  })

  test('barriers of the signal itself come first; without a future, or beyond them, there is no label', () => {
    const bars = candlesOf([judged, flat, [100, 102, 99.5, 101], flat])
    const own = { ...long, stopPrice: 99, targetPrice: 101.5 }
    expect(labelSignal(bars, free, own, options3)).toMatchObject({ barrier: 'target', resultR: 1.5 })
    expect(labelSignal(bars, free, { ...long, index: 1 }, options3)).toBeNull()
    expect(labelSignal(bars, free, { ...long, stopPrice: 100.5 }, options3)).toBeNull()
  })

  test('a label is known later than its features, always', () => {
    expect(set.rowCount).toBeGreaterThan(800)
    for (let row = 0; row < set.rowCount; row += 1) {
      expect(set.resolvedAt[row]!).toBeGreaterThan(set.knownAt[row]!)
      expect(set.won[row]).toBe(set.resultR[row]! > 0 ? 1 : 0)
    }
  })
})

describe('candidates', () => {
  test('are causal: a prefix of the candles gives a prefix of the signals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 4_999 }), (cut) => {
        const { candles } = market
        const prefix = { ...candles, length: cut }
        expect(candidateSignals(prefix)).toEqual(signals.filter((signal) => signal.index < cut))
      }),
      { numRuns: 10 },
    )
  })

  test('all four rules fire, both ways', () => {
    const kinds = new Set(signals.map((signal) => `${signal.strategyId} ${signal.direction}`))
    expect(kinds.size).toBe(8)
  })
})

describe('weights', () => {
  test('labels that share their time share their weight', () => {
    const weights = sampleWeights(
      [
        { start: 0, end: 9 },
        { start: 20, end: 29 },
        { start: 20, end: 29 },
      ],
      1,
    )
    expect([...weights]).toEqual([1.5, 0.75, 0.75])
  })

  test('average one, and the newest counts most', () => {
    const weights = sampleWeights(Array.from({ length: 11 }, (_, i) => ({ start: 10 * i, end: 10 * i + 5 })))
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(11, 9)
    expect(weights[0]! / weights[10]!).toBeCloseTo(0.5, 9)
  })
})

describe('splits', () => {
  test('no training label is open when a test begins, with the embargo between', () => {
    const rows = fc.array(fc.tuple(fc.nat(50), fc.nat(400)), { minLength: 30, maxLength: 120 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 6 }), fc.nat(200), (gaps, foldCount, embargoMs) => {
        let now = 0
        const knownAt = Float64Array.from(gaps, ([gap]) => {
          now += gap
          return now
        })
        const timed = {
          rowCount: gaps.length,
          knownAt,
          resolvedAt: knownAt.map((at, row) => at + 1 + gaps[row]![1]),
        }
        const folds = [...walkForward(timed, foldCount, embargoMs), splitOnce(timed, 0.75, embargoMs)]
        for (const { train, test: tested } of folds) {
          const begins = knownAt[tested[0]!]!
          for (const row of train) expect(timed.resolvedAt[row]! + embargoMs).toBeLessThanOrEqual(begins)
          expect(tested.every((row, k) => row === tested[0]! + k)).toBe(true)
        }
        const tested = walkForward(timed, foldCount, embargoMs).flatMap((fold) => fold.test)
        expect(new Set(tested).size).toBe(tested.length)
        expect(tested.at(-1)).toBe(gaps.length - 1)
      }),
      { numRuns: 40 },
    )
  })
})

describe('fits', () => {
  function rowsOf(count: number, width: number, chance: (x: Float32Array) => number): FitRows {
    const random = createRandom(8)
    const features = Float32Array.from({ length: count * width }, () => random.normal())
    const won = Float64Array.from({ length: count }, (_, row) => {
      const p = chance(features.subarray(row * width, (row + 1) * width))
      return random.next() < p ? 1 : 0
    })
    return { features, width, won, weight: new Float64Array(count).fill(1) }
  }
  const aucOf = (graph: ConvictionGraph, { features, width, won }: FitRows) => {
    const evaluate = evaluatorOf(graph)
    const score = Float64Array.from(won, (_, row) => evaluate(features.subarray(row * width, (row + 1) * width)))
    return areaUnderCurve(score, won).auc
  }

  test('logistic regression finds the weights', () => {
    const rows = rowsOf(20_000, 4, (x) => sigmoid(0.8 * x[0]! - 0.5 * x[2]! + 0.3))
    const { weight, scale, mean, bias } = trainLogistic(rows, { penalty: 1 })
    const slope = weight.map((value, i) => value * scale[i]!)
    expect(slope[0]).toBeCloseTo(0.8, 1)
    expect(slope[1]).toBeCloseTo(0, 1)
    expect(slope[2]).toBeCloseTo(-0.5, 1)
    expect(bias - slope.reduce((sum, value, i) => sum + value * mean[i]!, 0)).toBeCloseTo(0.3, 1)
  })

  test('trees find what no line can, within their limits', () => {
    const rows = rowsOf(4_000, 5, (x) => (x[1]! > 0 === x[3]! > 0 ? 0.75 : 0.25))
    const graph = trainTrees(rows, createRandom(1), { ...defaultTreeOptions, treeCount: 60 })
    expect(aucOf(graph, rows)).toBeGreaterThan(0.72)
    expect(aucOf(trainLogistic(rows), rows)).toBeLessThan(0.56)
    const depth = (node: number): number =>
      graph.feature[node]! < 0 ? 0 : 1 + Math.max(depth(graph.whenBelow[node]!), depth(graph.otherwise[node]!))
    for (const root of graph.roots) expect(depth(root)).toBeLessThanOrEqual(3)
    expect(graph.roots).toHaveLength(60)
  })

  test('a constant feature and a single class break nothing', () => {
    const rows = rowsOf(300, 2, () => 0.5)
    rows.features.forEach((_, i) => {
      if (i % 2 === 1) rows.features[i] = 7
    })
    const lost = { ...rows, won: new Float64Array(300) }
    for (const graph of [trainLogistic(rows), trainLogistic(lost), trainTrees(lost, createRandom(1))]) {
      expect(Number.isFinite(evaluatorOf(graph)(Float32Array.of(0.3, 7)))).toBe(true)
    }
  })

  test.each(['linear', 'trees'] as const)('a trained model of kind %s runs equally in ONNX Runtime', async (kind) => {
    const rows = { ...set, width: featureCount }
    const graph = kind === 'linear' ? trainLogistic(rows) : trainTrees(rows, createRandom(1), options.trees)
    const session = await InferenceSession.create(writeOnnx(graph, {}), { intraOpNumThreads: 1 })
    const output = await session.run({ x: new Tensor('float32', set.features, [set.rowCount, featureCount]) })
    const evaluate = evaluatorOf(graph)
    for (let row = 0; row < set.rowCount; row += 1) {
      const logit = evaluate(set.features.subarray(row * featureCount, (row + 1) * featureCount))
      expect(Math.abs(sigmoid(logit) - Number(output['p']!.data[row]))).toBeLessThanOrEqual(1e-6)
    }
  })
})

describe('validation', () => {
  test('a look into the future sets off the alarm; honest features do not', () => {
    const honest = validate(set, createRandom(1), options)
    expect(honest.linear.served.suspectedLeak).toBe(false)
    expect(honest.trees.served.suspectedLeak).toBe(false)

    const { close } = market.candles
    const rows = signals.filter(({ index }) => index >= featureSchema.lookback - 1 && index + 24 < close.length)
    expect(rows).toHaveLength(set.rowCount)
    const leaking = { ...set, features: set.features.slice() }
    const column = featureSchema.columns.findIndex(({ name }) => name === 'autocorrelation48')
    rows.forEach(({ index, direction, atr }, row) => {
      const nextReturn = (close[index + 1]! - close[index]!) / atr
      leaking.features[row * featureCount + column] = direction === 'long' ? nextReturn : -nextReturn
    })
    const caught = validate(leaking, createRandom(1), options)
    expect(caught.linear.served.suspectedLeak).toBe(true)
    expect(caught.trees.served.suspectedLeak).toBe(true)
  })

  test('shuffled outcomes leave no skill, and the report says so', () => {
    const random = createRandom(3)
    const shuffled: TrainingSet = { ...set, won: set.won.map(() => (random.next() < 0.4 ? 1 : 0)) }
    const { linear } = validate(shuffled, createRandom(1), options)
    expect(linear.served.noSkill).toBe(true)
    expect(Math.abs(linear.served.auc - 0.5)).toBeLessThan(4 * linear.served.aucStandardError)
  })
})

describe('training', () => {
  const other = generateCandles(22, 5_000, { barMs, startTime: 1_520_000_000_000 })
  const both = mergeTrainingSets([set, trainingSetOf({ ...other, barMs, signals: candidateSignals(other.candles) })])

  test('the same input gives the same bytes, and the file describes itself', () => {
    const first = trainModel(both, 'a', options)
    const second = trainModel(both, 'a', options)
    expect(Buffer.from(first.bytes).equals(second.bytes)).toBe(true)
    expect(first.report).toEqual(second.report)
    const { modelId, card } = readConvictionModel(first.bytes)
    expect(modelId).toBe(first.report.modelId)
    expect(card).toMatchObject({ seed: 'a', schemaHash: first.report.schemaHash, dataHashes: both.dataHashes })
    expect(card.trainedTo).toBeLessThan(first.report.to)
    expect(card.centres).toHaveLength(64 * featureCount)
  })

  test('too few rows are refused with the number that is missing', () => {
    const few = trainingSetOf({ ...market, barMs, signals: signals.slice(0, 300) })
    expect(() => trainModel(few, 'a', options)).toThrowError(expect.objectContaining({ code: 'history.too-short' }))
  })

  test('merged rows stand in order of time', () => {
    for (let row = 1; row < both.rowCount; row += 1) {
      expect(both.knownAt[row]!).toBeGreaterThanOrEqual(both.knownAt[row - 1]!)
    }
  })
})
