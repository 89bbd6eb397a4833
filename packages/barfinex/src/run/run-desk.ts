import {
  createMemoryBus,
  createVirtualClock,
  type Desk,
  type Journal,
  type Log,
  type Started,
  type VirtualClock,
} from '@barfinex/core'
import type { DeskServices } from './default-desk.js'
import { type Invariants, invariantsOf } from './invariants.js'
import { ActGiver, type RecordedAct } from './recorded-acts.js'
import { type Tally, tally } from './tally.js'

export interface RunOptions {
  /** First instant of the run, milliseconds UTC. */
  readonly startAt: number
  /** Last instant; runs until the signal aborts, or the market ends, when absent. */
  readonly until?: number
  /** Market time over wall time; `Infinity` never waits. */
  readonly speed?: number
  readonly seed?: number | string
  readonly journal?: Journal
  readonly log?: Log
  readonly substitutes?: Readonly<Record<string, unknown>>
  /** What came into a recorded run from outside, given again at its instants. */
  readonly acts?: readonly RecordedAct[]
  readonly abortSignal?: AbortSignal
  /** Called when the desk is up, before time moves. */
  readonly onStart?: (started: Started<DeskServices>, clock: VirtualClock, read: () => Tally) => void | Promise<void>
}

/** What a run came to. Amounts are decimal text in the account's quote asset. */
export interface RunResult extends Tally {
  readonly equity: string
  readonly quoteAsset: string
  /** First and last instant of market time. */
  readonly from: number
  readonly to: number
  readonly journalHash: string
  readonly wallMs: number
  readonly invariants: Invariants
}

/** Runs a desk on a virtual clock from its start to its end, and drains it. */
export async function runDesk(desk: Desk<DeskServices>, options: RunOptions): Promise<RunResult> {
  const bus = createMemoryBus()
  const clock = createVirtualClock({ startAt: options.startAt })
  const counted = tally(bus)
  const giver = new ActGiver(bus)
  const wallStart = clock.wallMicros()
  const started = await desk.start({
    bus,
    clock,
    heartbeatMs: options.speed === undefined || options.speed > 1_000 ? 3_600_000 : 60_000,
    ...(options.journal === undefined ? {} : { journal: options.journal }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.log === undefined ? {} : { log: options.log }),
    ...(options.substitutes === undefined ? {} : { substitutes: options.substitutes }),
  })
  try {
    await options.onStart?.(started, clock, counted.read)
    const endsAt = started.provider.endsAt
    const until = options.until ?? endsAt ?? undefined
    for (const act of options.acts ?? []) {
      // An act came when every task up to its instant had run: it has to come there again.
      await clock.run({
        until: act.at,
        ...(options.abortSignal === undefined ? {} : { abortSignal: options.abortSignal }),
      })
      if (options.abortSignal?.aborted) break
      giver.give(act)
    }
    await clock.run({
      ...(until === undefined ? {} : { until }),
      ...(options.speed === undefined ? {} : { speed: options.speed }),
      ...(options.abortSignal === undefined ? {} : { abortSignal: options.abortSignal }),
    })
    const to = clock.now()
    const invariants = await invariantsOf(started)
    await started.stop()
    const account = started.provider.account()
    return {
      ...counted.read(),
      equity: account.equityQuote,
      quoteAsset: account.quoteAsset,
      from: options.startAt,
      to,
      journalHash: started.runtime.journal.hash(),
      wallMs: Math.round((clock.wallMicros() - wallStart) / 1_000),
      invariants,
    }
  } finally {
    await started.stop()
    counted.stop()
    giver.stop()
  }
}
