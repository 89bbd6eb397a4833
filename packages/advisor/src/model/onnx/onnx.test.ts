import { createRandom, type Random } from '@barfinex/core'
import fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { sigmoid } from '../../calibration/metrics.js'
import type { ConvictionGraph, LinearGraph, TreeGraph } from './conviction-graph.js'
import { evaluatorOf } from './evaluate.js'
import { readOnnx } from './read-onnx.js'
import { writeOnnx } from './write-onnx.js'

const width = 33

function linearGraph(random: Random): LinearGraph {
  const column = (value: () => number) => Float32Array.from({ length: width }, value)
  return {
    kind: 'linear',
    mean: column(() => random.normal()),
    scale: column(() => 0.5 + random.next()),
    weight: column(() => 0.3 * random.normal()),
    bias: Math.fround(0.2 * random.normal()),
  }
}

/** Trees of unequal shape: a node splits with probability ¾ while it is less than three deep. */
function treeGraph(random: Random, treeCount: number): TreeGraph {
  const feature: number[] = []
  const threshold: number[] = []
  const whenBelow: number[] = []
  const otherwise: number[] = []
  const grow = (depth: number): number => {
    const at = feature.length
    const isSplit = depth === 0 || (depth < 3 && random.next() < 0.75)
    feature.push(isSplit ? random.integer(width) : -1)
    threshold.push(Math.fround(isSplit ? random.normal() : 0.05 * random.normal()))
    whenBelow.push(0)
    otherwise.push(0)
    if (isSplit) {
      whenBelow[at] = grow(depth + 1)
      otherwise[at] = grow(depth + 1)
    }
    return at
  }
  const roots = Array.from({ length: treeCount }, () => grow(0))
  return {
    kind: 'trees',
    inputCount: width,
    base: Math.fround(-0.4),
    roots: Int32Array.from(roots),
    feature: Int32Array.from(feature),
    threshold: Float32Array.from(threshold),
    whenBelow: Int32Array.from(whenBelow),
    otherwise: Int32Array.from(otherwise),
  }
}

const rowCount = 10_000

describe.each([
  ['linear', linearGraph(createRandom(1))],
  ['trees', treeGraph(createRandom(2), 200)],
] as const)('%s', (_, graph: ConvictionGraph) => {
  const bytes = writeOnnx(graph, { 'barfinex.note': 'größer than ASCII', empty: '' })

  test('what is written is read back', () => {
    const file = readOnnx(bytes)
    expect(file.graph).toEqual(graph)
    expect(file.metadata).toEqual({ 'barfinex.note': 'größer than ASCII', empty: '' })
  })

  test(`equals ONNX Runtime within 1e-6 on ${rowCount} rows, thresholds hit exactly included`, async () => {
    const random = createRandom(3)
    const rows = Float32Array.from({ length: rowCount * width }, () => random.normal())
    if (graph.kind === 'trees') {
      graph.feature.forEach((split, node) => {
        if (split >= 0) rows[node * width + split] = graph.threshold[node]!
      })
    }
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 })
    const output = await session.run({ x: new Tensor('float32', rows, [rowCount, width]) })
    const evaluate = evaluatorOf(readOnnx(bytes).graph)
    let worstLogit = 0
    let worst = 0
    for (let row = 0; row < rowCount; row += 1) {
      const logit = evaluate(rows.subarray(row * width, (row + 1) * width))
      worstLogit = Math.max(worstLogit, Math.abs(logit - Number(output['logit']!.data[row])))
      worst = Math.max(worst, Math.abs(sigmoid(logit) - Number(output['p']!.data[row])))
    }
    expect(session.inputNames).toEqual(['x'])
    expect(session.outputNames).toEqual(['logit', 'p'])
    expect(worst).toBeLessThanOrEqual(1e-6)
    expect(worstLogit).toBeLessThanOrEqual(4e-6)
  })

  test('a damaged file is refused with its code or still evaluates, and never hangs or throws anything else', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const damaged = bytes.slice()
        damaged[at] = value
        for (const file of [damaged, bytes.slice(0, at)]) {
          try {
            // A changed weight is still a model; the walk has to end in a number, whatever it is.
            expect(evaluatorOf(readOnnx(file).graph)(new Float32Array(width))).toBeTypeOf('number')
          } catch (error) {
            expect(error).toMatchObject({ code: 'advisor.model-invalid' })
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

test('a file that is no model at all is refused with a clear code', () => {
  for (const bytes of [new Uint8Array(0), new TextEncoder().encode('<html>not here</html>')]) {
    expect(() => readOnnx(bytes)).toThrowError(expect.objectContaining({ code: 'advisor.model-invalid' }))
  }
})
