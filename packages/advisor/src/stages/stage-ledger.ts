import { hashOf, type Reason, type StageName, type StageRecord } from '@barfinex/core'
import { type StageResult, stageNames } from './stage.js'

const genesis = '0'.repeat(64)

/** Collects the stage records of one decision and chains their hashes. */
export class StageLedger {
  private readonly kept: StageRecord[] = []
  private previousHash = genesis

  constructor(
    private readonly snapshotHash: string,
    private readonly wallMicros: () => number,
  ) {
    this.startedAt = wallMicros()
  }

  private startedAt: number

  /** The chain's head: the decision's fingerprint once all eight are in. */
  get fingerprint(): string {
    return this.previousHash
  }

  get records(): readonly StageRecord[] {
    return this.kept
  }

  /** Codes of everything that earlier stages had to do without. */
  get degraded(): readonly string[] {
    return this.kept.flatMap((it) => (it.status === 'degraded' ? it.reasons.map((reason) => reason.code) : []))
  }

  /** Enters a stage's result and returns it. */
  enter<Found>(name: StageName, result: StageResult<Found>): StageResult<Found> {
    this.add(name, result.status, result.reasons, result.measured, result.limits, result.inputs ?? {})
    return result
  }

  /** Enters all stages that are left as skipped. */
  skipRest(): void {
    for (const name of stageNames.slice(this.kept.length)) this.add(name, 'skipped', [], {}, {}, {})
  }

  private add(
    name: StageName,
    status: StageRecord['status'],
    reasons: readonly Reason[],
    measured: StageResult<unknown>['measured'],
    limits: StageResult<unknown>['limits'],
    inputs: Readonly<Record<string, string>>,
  ): void {
    const now = this.wallMicros()
    const inputHash = hashOf({ snapshot: this.snapshotHash, previous: this.previousHash, ...inputs })
    const outputHash = hashOf({ name, status, reasons, measured, limits })
    this.kept.push({
      stage: this.kept.length + 1,
      name,
      status,
      reasons: [...reasons],
      measured: { ...measured },
      limits: { ...limits },
      inputHash,
      outputHash,
      previousHash: this.previousHash,
      durationUs: Math.max(0, now - this.startedAt),
    })
    this.startedAt = now
    this.previousHash = hashOf([this.previousHash, inputHash, outputHash])
  }
}
