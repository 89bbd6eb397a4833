import { flow, type Journal, type OrderEvent } from '@barfinex/core'
import type { Exchange } from '@barfinex/provider'

/** Where a process dies. */
export const killPoints = [
  'before the command is in the journal',
  'after the journal, before the send',
  'after the send, before the reply',
  'after the reply, before the journal',
  'after the journal, before anybody hears',
  'between the cancel of a stop and the next one',
  'during a comparison with the venue',
  'at any moment',
] as const

export type KillPoint = (typeof killPoints)[number]

/** Waits at one point and kills the process that comes by, once; `skips` says how many may pass before. */
export class KillTrap {
  private point: KillPoint | null = null
  private skips = 0
  hasSprung = false

  set(point: KillPoint, skips: number): void {
    this.point = point
    this.skips = skips
    this.hasSprung = false
  }

  /** Nobody is caught any more. */
  disarm(): void {
    this.point = null
  }

  /** True when the process has just been killed here. */
  private springs(point: KillPoint, life: { kill(): void }): boolean {
    if (this.point !== point) return false
    this.skips -= 1
    if (this.skips >= 0) return false
    this.point = null
    this.hasSprung = true
    life.kill()
    return true
  }

  readonly exchange = (exchange: Exchange, life: { kill(): void }): Exchange => ({
    ...exchange,
    submit: (order) => {
      if (this.springs('after the journal, before the send', life)) return
      void exchange.submit(order)
      this.springs('after the send, before the reply', life)
    },
    cancel: (clientOrderId, symbol) => {
      void exchange.cancel(clientOrderId, symbol)
      this.springs('between the cancel of a stop and the next one', life)
    },
    report: (sink, onGap) =>
      exchange.report((report) => {
        if (!this.springs('after the reply, before the journal', life)) sink(report)
      }, onGap),
    snapshot: async () => {
      const snapshot = await exchange.snapshot()
      // A dead process never goes on.
      if (this.springs('during a comparison with the venue', life)) return new Promise(() => {})
      return snapshot
    },
  })

  readonly journal = (journal: Journal, life: { kill(): void }): Journal => ({
    ...journal,
    get fault() {
      return journal.fault
    },
    get count() {
      return journal.count
    },
    append: (envelope, channel) => {
      const { type, payload } = envelope
      if (type === flow.orderCommand.name) this.springs('before the command is in the journal', life)
      journal.append(envelope, channel)
      const isNews = type === flow.orderEvent.name && (payload as OrderEvent).state !== 'submitted'
      if (isNews || type === flow.fill.name) this.springs('after the journal, before anybody hears', life)
    },
  })
}
