import { BarfinexError } from '../runtime/error.js'
import type { WallTimer } from '../runtime/wall-timer.js'
import type { ChannelWires } from './channel-wires.js'
import type { Kernel } from './kernel.js'
import type { Link } from './link.js'
import type { Outbox } from './outbox.js'

export interface SettlingOptions {
  readonly link: Link
  readonly outbox: Outbox
  readonly kernel: Kernel
  readonly timer: WallTimer
  readonly patienceMs: number
  readonly isLocal: boolean
  readonly wires: () => Iterable<ChannelWires>
  /** Messages that this process has said. */
  readonly saidCount: () => number
}

/** Durable messages that a process which hands over by itself may be ahead of the server. */
const longestLead = 1_000

/** Knows when everything that was said, and everything that led to, has been handled in this process. */
export class Settling {
  private readonly joins = new Set<Promise<unknown>>()
  /** What had been said when everything had last been handled. */
  private settledCount = 0
  private work: Promise<void> | null = null

  constructor(private readonly options: SettlingOptions) {}

  /** Something that must end before anything is settled: a reader is coming. Its failure is its own business. */
  join(work: Promise<unknown>): void {
    const ended = work.then(
      () => {},
      () => {},
    )
    this.joins.add(ended)
    void ended.then(() => this.joins.delete(ended))
  }

  async joined(): Promise<void> {
    while (this.joins.size > 0) await Promise.all(this.joins)
  }

  /** Rejects with `bus.unavailable` when the server stays away for `patienceMs`. */
  settled(): Promise<void> | undefined {
    if (this.isQuiet) return undefined
    this.work ??= this.settle().finally(() => {
      this.work = null
    })
    return this.work
  }

  /** As {@link settled}; a handler that never ends must not keep the process: rejects with `bus.timeout` after `patienceMs`. */
  async settledOrLate(): Promise<void> {
    const { timer, patienceMs } = this.options
    let cancel = () => {}
    const late = new Promise<never>((_, reject) => {
      const over = new BarfinexError('bus.timeout', `Handlers were still at work after ${patienceMs} ms.`)
      cancel = timer.after(patienceMs, () => reject(over))
    })
    await Promise.race([this.settled(), late]).finally(cancel)
  }

  private get isQuiet(): boolean {
    const { outbox, kernel, isLocal, saidCount } = this.options
    if (this.joins.size > 0 || kernel.settled() !== undefined || !this.areReadersIdle) return false
    return isLocal ? outbox.waitingCount < longestLead : this.settledCount === saidCount() && outbox.isEmpty
  }

  private get areReadersIdle(): boolean {
    const { isLocal } = this.options
    for (const { stream, groups } of this.options.wires()) {
      if (stream !== null && !stream.isIdle) return false
      for (const group of groups.values()) {
        if (isLocal ? !group.isReady || group.isLeaseLow : !group.isIdle) return false
      }
    }
    return true
  }

  private async settle(): Promise<void> {
    const { link, outbox, kernel, patienceMs, timer, saidCount } = this.options
    let awaySince: number | null = null
    for (;;) {
      await this.joined()
      const count = saidCount()
      await outbox.flush(patienceMs)
      const isAnswered = await link.barrier().then(
        () => true,
        () => false,
      )
      await this.readersIdle()
      await kernel.settled()
      if (isAnswered) {
        awaySince = null
        if (count === saidCount()) this.settledCount = count
        if (this.isQuiet) return
      } else {
        awaySince ??= timer.now()
        if (timer.now() - awaySince > patienceMs) throw away()
        await new Promise<void>((resolve) => void timer.after(10, resolve))
      }
    }
  }

  private async readersIdle(): Promise<void> {
    for (const { stream, groups } of this.options.wires()) {
      await stream?.idle()
      for (const group of groups.values()) {
        if (group.isLeaseLow) group.look()
        await group.idle()
      }
    }
  }
}

function away(): BarfinexError {
  return new BarfinexError('bus.unavailable', 'Redis is away: nobody knows whether everything has been handled.', {
    retryable: true,
  })
}
