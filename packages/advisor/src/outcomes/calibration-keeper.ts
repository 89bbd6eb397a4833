import { type Calibration, flow, type Journal, type Publisher, pastOf, type Runtime } from '@barfinex/core'
import { type CalibrationState, initialCalibration } from '../calibration/calibration-state.js'
import { type Calibrator, calibratorOf } from '../calibration/calibrator.js'
import { type CalibrationOutcome, learn } from '../calibration/learn.js'
import { restoreCalibration, storeCalibration } from '../calibration/stored-calibration.js'
import type { ConvictionModel } from '../model/conviction-model.js'

/** Base rate where neither a model nor an outcome is at hand: about the break-even rate of the usual reward to risk. */
const bareBaseRate = 0.4

/** Holds what the advisor has learned, publishes it when it changes what is answered, and finds it again after a restart. */
export class CalibrationKeeper {
  private current: CalibrationState
  private prepared: Calibrator
  private preparedCount = 0
  private readonly publisher: Publisher<Calibration>

  constructor(
    private readonly runtime: Pick<Runtime, 'bus' | 'clock' | 'epoch' | 'log'>,
    private readonly model: ConvictionModel | null,
  ) {
    this.publisher = runtime.bus.publisher(flow.calibration, 'advisor', runtime.epoch)
    this.current = this.fresh()
    this.prepared = calibratorOf(this.current)
  }

  get state(): CalibrationState {
    return this.current
  }

  get calibrator(): Calibrator {
    return this.prepared
  }

  /** Goes on from the last state in the journal, or on the bus. A state of another model keeps only its track record. */
  async restore(journal: Journal): Promise<void> {
    let last: unknown = this.runtime.bus.last(flow.calibration, 'calibration')?.payload.state
    for await (const envelope of pastOf(journal)) {
      if (envelope.type === flow.calibration.name) last = (envelope.payload as Calibration).state
    }
    if (last === undefined) return
    try {
      const stored = restoreCalibration(last)
      const isSame = stored.modelId === this.current.modelId
      this.become(isSame ? stored : { ...this.fresh(), trackRecord: stored.trackRecord })
    } catch (error) {
      this.runtime.log.warn('the stored calibration is not usable; starting from the shipped maps', { error })
    }
  }

  /** Learns, and tells the world after each refit. */
  learn(outcome: CalibrationOutcome): void {
    const before = this.current
    this.become(learn(before, outcome))
    if (this.current.refit.at !== before.refit.at) this.publish()
  }

  publish(): void {
    const { served, outcomeCount, serving } = this.current
    this.publisher.publish(
      {
        calibratorHash: this.prepared.calibratorId,
        serving,
        outcomeCount,
        brier: served.count === 0 ? null : served.brierSum / served.count,
        logLoss: served.count === 0 ? null : served.logLossSum / served.count,
        state: { ...storeCalibration(this.current) },
      },
      { occurredAt: this.runtime.clock.now() },
    )
  }

  private become(state: CalibrationState): void {
    // Preparing sorts past outcomes: only a state that answers differently is prepared again.
    const answersChanged =
      state.online !== this.current.online ||
      state.fixed !== this.current.fixed ||
      state.serving !== this.current.serving ||
      state.serving === 'prior' ||
      state.window.won.length - this.preparedCount >= 25
    this.current = state
    if (!answersChanged) return
    this.prepared = calibratorOf(state)
    this.preparedCount = state.window.won.length
  }

  private fresh(): CalibrationState {
    return this.model === null
      ? initialCalibration({ modelId: 'none', baseRate: bareBaseRate, map: null })
      : initialCalibration({
          modelId: this.model.modelId,
          baseRate: this.model.card.baseRate,
          map: this.model.card.map,
        })
  }
}
