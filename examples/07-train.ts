/**
 * A conviction model of your own: trained on made-up markets, exported as ONNX, used by a desk on a market it has not seen.
 *
 * The advisor asks the model how likely a signal is to win. Training labels signals of the past by what came first, stop, target or
 * time, and computes their features with the very functions that decide live.
 */
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  candidateSignals,
  defaultLabelOptions,
  defaultTrainingOptions,
  mergeTrainingSets,
  trainingSetOf,
  trainModel,
} from '@barfinex/advisor/training'
import { advisor, createMemoryJournal, defineDesk, detector, inspector, provider, runDesk, silentLog } from 'barfinex'

const barMs = 300_000
const monthMs = 30 * 86_400_000

// Six markets, each in a month of its own, so that walking forward always means a market that was never seen.
const sets = Array.from({ length: 6 }, (_, month) => {
  const startAt = Date.UTC(2023, 0, 1) + month * monthMs
  const columns = provider.generateCandles(`training-${month}`, 2_000, { timeframe: '5m', startAt })
  const candles = { ...columns, length: columns.count }
  const spread = candles.close.map((price) => price * 0.0002)
  // Signals of four plain rules; the ones of your own strategy, from `judge`, are better.
  return trainingSetOf({ candles, barMs, spread, signals: candidateSignals(candles) })
})
const label = defaultLabelOptions
const { bytes, report } = trainModel(mergeTrainingSets(sets), 'my-model', {
  ...defaultTrainingOptions,
  foldCount: 3,
  label,
  embargoMs: label.horizonBars * barMs,
})

const { rowCount, baseRate, validation, holdout, modelId } = report
console.log(`${rowCount} labelled signals, of which ${(100 * baseRate).toFixed(1)} % won`)
console.log(`a ${validation.chosen} model was chosen; on rows it never saw:`)
console.log(`  ranks a winner above a loser with ${holdout.auc.toFixed(3)} ± ${holdout.aucStandardError.toFixed(3)}`)
console.log(
  `  squared error ${holdout.brier.toFixed(4)}; always saying the base rate: ${holdout.constantBrier.toFixed(4)}`,
)
const isProven = !holdout.noSkill && holdout.auc - 2 * holdout.aucStandardError > 0.5
console.log(`  skill: ${isProven ? 'some' : 'not proven, so do not trade on it'}`)

const file = join(tmpdir(), 'my-model.onnx')
writeFileSync(file, bytes)
console.log(`\nwrote ${file}, ${bytes.length} bytes, id ${modelId.slice(0, 16)}…`)

const desk = defineDesk((runtime) => ({
  provider: provider.createService({ ...runtime, exchange: provider.paper({ seed: 99, symbols: ['BTC/USDT'] }) }),
  detector: detector.createService({ ...runtime, strategies: [detector.bandReversion, detector.emaPullback] }),
  advisor: advisor.createService({
    ...runtime,
    timeframes: ['5m'],
    // A file that is not the one meant is not used, and every decision says so.
    model: { bytes, expectedModelId: modelId },
  }),
  inspector: inspector.createService({ ...runtime, policies: [inspector.maxPositionNotional('2000')] }),
}))

console.log('\nOn a market it has not seen:')
const startAt = provider.paperStartAt
await runDesk(desk, {
  startAt,
  until: startAt + 86_400_000,
  journal: createMemoryJournal(),
  log: silentLog,
  onStart({ advisor }) {
    console.log(`  advisor is ${advisor.status().state}: ${advisor.status().message}`)
    advisor.decisions$.subscribe(
      ({ decidedAt, strategyId, direction, conviction, probability, expectedR, outcome }) => {
        if (conviction === null || probability === null) return
        const time = new Date(decidedAt).toISOString().slice(11, 16)
        const numbers = [conviction, probability, expectedR ?? Number.NaN].map((it) => it.toFixed(3))
        const [asked, calibrated, worth] = numbers
        console.log(
          `  ${time} ${strategyId} ${direction}: model ${asked}, calibrated ${calibrated}, worth ${worth} R: ${outcome}`,
        )
      },
    )
  },
})
