/**
 * Trains the model that ships with the advisor, on markets of the paper exchange's generator, and writes
 * `assets/default-model.onnx`, `assets/default-model.report.json` and `src/model/default-model-bytes.ts` of the advisor.
 *
 *   npx tsx scripts/train-default-model.ts
 *
 * Its market seeds are texts of their own, so no market that a user generates by number was ever trained on. It stands
 * outside the packages because it joins two of them, which no service may.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  candidateSignals,
  defaultLabelOptions,
  defaultTrainingOptions,
  mergeTrainingSets,
  trainingSetOf,
  trainModel,
} from '@barfinex/advisor/training'
import { createRandom, type Timeframe, timeframeMs } from '@barfinex/core'
import { generateCandles } from '@barfinex/provider'

const seed = 'default-model'
const marketCount = 32
const candleCount = 6_000
const barLengths: readonly Exclude<Timeframe, '1s'>[] = ['1m', '5m', '15m', '1h']
const dayMs = 86_400_000

let startAt = Date.UTC(2000, 0, 1)
// One market after the other in time, so that walking forward is always judged by markets never seen.
const sets = Array.from({ length: marketCount }, (_, index) => {
  const timeframe = barLengths[index % barLengths.length]!
  const barMs = timeframeMs(timeframe)
  const columns = generateCandles(`${seed}/${index}`, candleCount, { timeframe, startAt })
  startAt += Math.ceil((candleCount * barMs) / dayMs + 1) * dayMs
  const candles = { ...columns, length: columns.count }
  const spreadShare = 0.0001 + 0.0003 * createRandom(`${seed}/spread/${index}`).next()
  const spread = columns.close.map((close) => close * spreadShare)
  process.stderr.write(`market ${index + 1} of ${marketCount}: ${candleCount} candles of ${timeframe}\n`)
  return trainingSetOf({ candles, spread, barMs, signals: candidateSignals(candles) })
})
const { bytes, report } = trainModel(mergeTrainingSets(sets), seed, {
  ...defaultTrainingOptions,
  label: defaultLabelOptions,
  embargoMs: defaultLabelOptions.horizonBars * Math.max(...barLengths.map(timeframeMs)),
})

const home = join(import.meta.dirname, '../packages/advisor')
writeFileSync(join(home, 'assets/default-model.onnx'), bytes)
writeFileSync(join(home, 'assets/default-model.report.json'), `${JSON.stringify(report, null, 2)}\n`)
writeFileSync(
  join(home, 'src/model/default-model-bytes.ts'),
  `/** assets/default-model.onnx in base64, written by scripts/train-default-model.ts. */
export const defaultModelBase64 =
  '${Buffer.from(bytes).toString('base64')}'
`,
)
process.stderr.write(`${JSON.stringify(report, null, 2)}\n${bytes.length} bytes\n`)
