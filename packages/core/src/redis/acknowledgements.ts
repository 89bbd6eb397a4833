import { RememberedIds } from '../bus/remembered-ids.js'

const rememberedCount = 131_072

/** Entries that are done, until the server knows it. What ends in one turn is told together; what could not be told is kept. */
export class Acknowledgements {
  private readonly ids = new Set<string>()
  /** Also those that were told: what the server said was owed a moment ago may have been done since. */
  private readonly done = new RememberedIds(rememberedCount)
  private work: Promise<void> | null = null

  constructor(private readonly tell: (ids: readonly string[]) => Promise<void>) {}

  get isIdle(): boolean {
    return this.work === null
  }

  /** True for an entry that is done: read again, it is not handled again. */
  has(id: string): boolean {
    return this.done.has(id)
  }

  add(id: string): void {
    this.ids.add(id)
    this.done.add(id)
    this.send()
  }

  send(): void {
    if (this.work !== null || this.ids.size === 0) return
    this.work = Promise.resolve()
      .then(() => this.tellAll())
      .catch(() => {
        // The server is away: told again with the next one, or when it is back.
      })
      .then(() => {
        this.work = null
      })
  }

  /** Resolves when nothing is under way. */
  async sent(): Promise<void> {
    while (this.work !== null) await this.work
  }

  private async tellAll(): Promise<void> {
    while (this.ids.size > 0) {
      const ids = [...this.ids]
      await this.tell(ids)
      for (const id of ids) this.ids.delete(id)
    }
  }
}
