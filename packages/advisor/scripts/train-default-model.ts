/**
 * Trains the model that ships with the package, on generated markets only, and writes
 * `assets/default-model.onnx`, `assets/default-model.report.json` and `src/model/default-model-bytes.ts`.
 *
 *   npx tsx packages/advisor/scripts/train-default-model.ts
 *
 * Its market seeds are texts of their own, so no market that a user generates by number was ever trained on.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { candidateSignals } from '../src/model/training/candidate-signals.js'
import { defaultLabelOptions } from '../src/model/training/label.js'
import { trainModel } from '../src/model/training/train-model.js'
import { mergeTrainingSets, trainingSetOf } from '../src/model/training/training-set.js'
import { defaultTrainingOptions } from '../src/model/training/validate.js'
import { type GenerateCandles, generateCandles } from './regime-switching-market.js'

const seed = 'default-model'
const marketCount = 32
const candleCount = 6_000
const barLengthsMs = [60_000, 300_000, 900_000, 3_600_000]
const dayMs = 86_400_000

const generate: GenerateCandles = generateCandles
let startTime = Date.UTC(2000, 0, 1)
// One market after the other in time, so that walking forward is always judged by markets never seen.
const sets = Array.from({ length: marketCount }, (_, index) => {
  const barMs = barLengthsMs[index % barLengthsMs.length]!
  const market = generate(`${seed}/${index}`, candleCount, { barMs, startTime })
  startTime += Math.ceil((candleCount * barMs) / dayMs + 1) * dayMs
  return trainingSetOf({ ...market, barMs, signals: candidateSignals(market.candles) })
})
const { bytes, report } = trainModel(mergeTrainingSets(sets), seed, {
  ...defaultTrainingOptions,
  label: defaultLabelOptions,
  embargoMs: defaultLabelOptions.horizonBars * Math.max(...barLengthsMs),
})

const root = join(import.meta.dirname, '..')
writeFileSync(join(root, 'assets/default-model.onnx'), bytes)
writeFileSync(join(root, 'assets/default-model.report.json'), `${JSON.stringify(report, null, 2)}\n`)
writeFileSync(
  join(root, 'src/model/default-model-bytes.ts'),
  `/** assets/default-model.onnx in base64, written by scripts/train-default-model.ts. */
export const defaultModelBase64 =
  '${Buffer.from(bytes).toString('base64')}'
`,
)
process.stderr.write(`${JSON.stringify(report, null, 2)}\n${bytes.length} bytes\n`)
