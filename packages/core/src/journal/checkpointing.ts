import { type CheckedJournal, checkJournal, isBoundaryOf } from './check-journal.js'
import { type Boundary, checkpointsOf, readCheckpoint, writeCheckpoint } from './checkpoint.js'
import type { PastKeeper } from './past-keeper.js'

export interface CheckpointOptions {
  /** Has learned what a start has to know when the journal is open. */
  readonly past: PastKeeper
  /** Another one, for work beside the running journal. */
  readonly fresh: () => PastKeeper
  /** A checkpoint was passed over, or could not be written: the journal is sound, a start takes longer. */
  readonly onTrouble?: (what: string, error?: unknown) => void
}

/**
 * Makes the checkpoints of a journal and starts from them. They are made from what is on the disk, and checked on the way: a
 * checkpoint holds what the journal says, not what a process believed.
 */
export class Checkpointing {
  private working: Promise<void> = Promise.resolve()

  constructor(
    private readonly directory: string,
    private readonly options: CheckpointOptions,
  ) {}

  /**
   * Checks the journal from the newest checkpoint that can be trusted, from the first record where there is none, and lets `past`
   * learn it. Where more than a segment has come since, the next start is spared it.
   */
  async open(): Promise<CheckedJournal> {
    const { past } = this.options
    const from = await this.takeUp(past)
    let newest: { readonly boundary: Boundary; readonly values: readonly unknown[] } | null = null
    const checked = await checkJournal(this.directory, {
      ...(from === null ? {} : { from }),
      onMessage: (envelope) => past.learn(envelope),
      onBoundary: (boundary) => {
        past.settle()
        newest = { boundary, values: [...past.save()] }
      },
    })
    await this.write(newest)
    return checked
  }

  /** A segment was begun: covers everything before it, beside what else goes on. */
  cover(segment: number): void {
    this.working = this.working.then(() => this.coverBefore(segment))
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.working
  }

  private async coverBefore(segment: number): Promise<void> {
    const keeper = this.options.fresh()
    let newest: { readonly boundary: Boundary; readonly values: readonly unknown[] } | null = null
    try {
      const from = await this.takeUp(keeper)
      await checkJournal(this.directory, {
        ...(from === null ? {} : { from }),
        before: segment,
        onMessage: (envelope) => keeper.learn(envelope),
        onBoundary: (boundary) => {
          keeper.settle()
          if (boundary.segment === segment) newest = { boundary, values: [...keeper.save()] }
        },
      })
    } catch (error) {
      this.options.onTrouble?.('the journal could not be read for a checkpoint', error)
      return
    }
    await this.write(newest)
  }

  private async write(
    made: { readonly boundary: Boundary; readonly values: readonly unknown[] } | null,
  ): Promise<void> {
    if (made === null) return
    try {
      await writeCheckpoint(this.directory, this.options.past.version, made.boundary, made.values)
    } catch (error) {
      this.options.onTrouble?.('a checkpoint of the journal could not be written', error)
    }
  }

  /** Loads the newest checkpoint that is whole and belongs to this journal. */
  private async takeUp(keeper: PastKeeper): Promise<Boundary | null> {
    for (const name of checkpointsOf(this.directory)) {
      try {
        const checkpoint = await readCheckpoint(this.directory, name, keeper.version)
        if (checkpoint !== null && (await isBoundaryOf(this.directory, checkpoint.boundary))) {
          keeper.load(checkpoint.values)
          return checkpoint.boundary
        }
        this.options.onTrouble?.(
          `${name} is damaged, of another version or belongs to another journal; it is passed over`,
        )
      } catch (error) {
        this.options.onTrouble?.(`${name} cannot be read; it is passed over`, error)
      }
    }
    keeper.load([])
    return null
  }
}
