/**
 * How well probabilities are calibrated on recorded hourly bars, by the advisor's own training and calibration.
 *
 *   npx tsx bench/calibration/run.ts
 *
 * Walks forward over eight folds. In each, trees are fitted on the earlier three quarters of the past and the static
 * maps on the rest; the test rows are then met in order of time: every outcome is learned from when its label resolves,
 * and every row is answered with what was known then. Prints the raw, the static and the served forecasts beside the
 * floor of a perfect forecaster. Exits with 1 when a goal is missed, and with 0 and one line when the data is absent.
 */
import {
  calibrationError,
  calibrationErrorFloor,
  calibratorOf,
  candidateSignals,
  defaultTrainingOptions,
  type FittedModel,
  type ForecastQuality,
  type Forecasts,
  fitModel,
  forecast,
  forecastQuality,
  initialCalibration,
  learn,
  logLoss,
  pointLogLoss,
  type Regime,
  regimes,
  rowsOf,
  type TrainingSet,
  trainingSetOf,
  walkForward,
} from '@barfinex/advisor/training'
import { createRandom } from '@barfinex/core'
import { readQuotedCandles } from './quotes.js'

const barMs = 3_600_000
const seed = 'bench/calibration'
const files = ['oanda_hour_eurusd.zip']
const options = { ...defaultTrainingOptions, embargoMs: 24 * barMs }

interface Columns {
  readonly p: number[]
  readonly constant: number[]
}

let missed = 0
for (const file of files) {
  const data = readQuotedCandles(file)
  if (data === null) process.stdout.write(`${file}: skipped, the recorded data is not here (set BARFINEX_DATA)\n`)
  else measure(file, trainingSetOf({ ...data, barMs, signals: candidateSignals(data.candles) }))
}
process.exitCode = missed > 0 ? 1 : 0

function measure(name: string, set: TrainingSet): void {
  const random = createRandom(`${seed}/${name}`)
  const columns = () => ({ p: [], constant: [] }) as Columns
  const raw = columns()
  const fixed = columns()
  const served = columns()
  const tested: number[] = []
  let promoted = 0
  walkForward(set, options.foldCount, options.embargoMs).forEach(({ train, test }, fold) => {
    const model = fitModel(rowsOf(set, train), 'trees', random.fork(`fold/${fold}`), options)
    const rows = rowsOf(set, test)
    const answers = forecast(model, rows)
    const keep = (to: Columns, from: Forecasts) => {
      to.p.push(...from.p)
      to.constant.push(...from.constant)
    }
    keep(raw, answers.raw)
    keep(fixed, answers.served)
    const online = serve(model, rows, answers.raw)
    keep(served, online.forecasts)
    if (online.promoted) promoted += 1
    tested.push(...test)
  })

  const rows = rowsOf(set, tested)
  const forecasts = ({ p, constant }: Columns): Forecasts => ({
    p: Float64Array.from(p),
    constant: Float64Array.from(constant),
    won: rows.won,
    resultR: rows.resultR,
  })
  const quality = (of: Columns) => forecastQuality(forecasts(of), random.fork('floor'))
  const all = { raw: quality(raw), static: quality(fixed), served: quality(served) }
  process.stdout.write(`\n${name}: ${set.rowCount} signals, ${tested.length} tested, seed "${seed}"\n`)
  for (const [kind, of] of Object.entries(all)) process.stdout.write(`${kind.padEnd(8)}${line(of)}\n`)
  const { auc, aucStandardError, noSkill, resultRByDecile } = all.served
  process.stdout.write(
    `AUC ${auc.toFixed(3)} ± ${(1.96 * aucStandardError).toFixed(3)} (95 %)${noSkill ? ', NO SKILL' : ''}; ` +
      `mean R of the top tenth ${resultRByDecile.at(-1)?.toFixed(3)}; online maps serving at the end of ${promoted} folds\n`,
  )
  goal('Brier not above raw', all.served.brier <= all.raw.brier)
  goal('log-loss not above raw', all.served.logLoss <= all.raw.logLoss)
  goal('calibration error at most 0.022', all.served.calibrationError <= 0.022)
  goal('calibration error at least halved', all.served.calibrationError <= all.raw.calibrationError / 2)
  measureRegimes(forecasts(raw), forecasts(served), rows)
  const difference = lossDifference(forecasts(served), forecasts(fixed))
  process.stdout.write(
    `served less static: log-loss ${difference.mean.toExponential(2)} ± ${difference.standardError.toExponential(2)}\n`,
  )
  goal('learning not worse than the static map by a standard error', difference.mean <= difference.standardError)
}

/** Meets the rows in order of time, learning from every label when it resolves and not before. */
function serve(model: FittedModel, rows: TrainingSet, raw: Forecasts) {
  let state = initialCalibration({ modelId: seed, baseRate: model.baseRate, map: model.map })
  let calibrator = calibratorOf(state)
  const open: number[] = []
  const logit = (row: number) => {
    const p = Math.min(0.99, Math.max(0.01, raw.p[row]!))
    return Math.log(p / (1 - p))
  }
  const regimeOf = (row: number): Regime => regimes[rows.regime[row]!]!
  const p = new Float64Array(rows.rowCount)
  for (let row = 0; row < rows.rowCount; row += 1) {
    const due = open.filter((past) => rows.resolvedAt[past]! <= rows.knownAt[row]!)
    due.sort((a, b) => rows.resolvedAt[a]! - rows.resolvedAt[b]! || a - b)
    for (const past of due) {
      open.splice(open.indexOf(past), 1)
      state = learn(state, {
        strategyId: 'candidate',
        logit: logit(past),
        regime: regimeOf(past),
        won: rows.won[past] === 1,
        resolvedAt: rows.resolvedAt[past]!,
      })
    }
    if (due.length > 0) calibrator = calibratorOf(state)
    p[row] = calibrator.calibrate(logit(row), regimeOf(row)).probability
    open.push(row)
  }
  return { forecasts: { ...raw, p }, promoted: state.serving === 'online' }
}

function measureRegimes(raw: Forecasts, served: Forecasts, rows: TrainingSet): void {
  let within = 0
  for (const [index, regime] of regimes.entries()) {
    const own = Array.from({ length: rows.rowCount }, (_, row) => row).filter((row) => rows.regime[row] === index)
    const pick = (column: Float64Array) => Float64Array.from(own, (row) => column[row]!)
    const won = pick(rows.won)
    const floor = calibrationErrorFloor(pick(served.p), createRandom(`${seed}/${regime}`))
    const limit = Math.max(0.035, floor.p95)
    const error = calibrationError(pick(served.p), won)
    if (error <= limit) within += 1
    process.stdout.write(
      `${regime.padEnd(14)} n ${String(own.length).padStart(5)}  ECE raw ${calibrationError(pick(raw.p), won).toFixed(4)} ` +
        `served ${error.toFixed(4)} (limit ${limit.toFixed(4)}, floor ${floor.mean.toFixed(4)}/${floor.p95.toFixed(4)})  ` +
        `log-loss raw ${logLoss(pick(raw.p), won).toFixed(4)} served ${logLoss(pick(served.p), won).toFixed(4)}\n`,
    )
  }
  goal('every regime within its limit, but one', within >= regimes.length - 1)
}

function lossDifference(left: Forecasts, right: Forecasts) {
  const gains = left.p.map((p, row) => {
    const won = left.won[row] === 1
    return pointLogLoss(p, won) - pointLogLoss(right.p[row]!, won)
  })
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (gains.length - 1)
  return { mean, standardError: Math.sqrt(variance / gains.length) }
}

function line(of: ForecastQuality): string {
  return (
    `Brier ${of.brier.toFixed(5)} (constant ${of.constantBrier.toFixed(5)})  ` +
    `log-loss ${of.logLoss.toFixed(5)} (${of.constantLogLoss.toFixed(5)})  ` +
    `ECE ${of.calibrationError.toFixed(4)} (floor mean ${of.floorMean.toFixed(4)}, p95 ${of.floorP95.toFixed(4)})`
  )
}

function goal(name: string, isMet: boolean): void {
  process.stdout.write(`${isMet ? 'met   ' : 'MISSED'} ${name}\n`)
  if (!isMet) missed += 1
}
