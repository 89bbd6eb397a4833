import type { Clock } from '@barfinex/core'
import type { VenueMarket, VenueReply, VenueUserEvent } from '../venue-world.js'
import { Outbox } from './outbox.js'

/** Sends user events to whoever listens for their account. */
export class UserOutbox {
  private readonly listeners = new Map<string, Set<(event: VenueUserEvent) => void>>()
  private readonly outbox: Outbox<{ readonly accountId: string; readonly event: VenueUserEvent }>

  constructor(
    clock: Clock,
    private readonly now: () => number,
    delayMs: () => number,
  ) {
    this.outbox = new Outbox(clock, delayMs, ({ accountId, event }) => {
      for (const listener of [...(this.listeners.get(accountId) ?? [])]) listener(event)
    })
  }

  push(accountId: string, market: VenueMarket, type: VenueUserEvent['type'], fields: VenueReply): void {
    this.outbox.push({ accountId, event: { type, market, time: this.now(), fields } })
  }

  listen(accountId: string, listener: (event: VenueUserEvent) => void): () => void {
    const listeners = this.listeners.get(accountId) ?? new Set()
    this.listeners.set(accountId, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  flush(): void {
    this.outbox.flush()
  }

  close(): void {
    this.outbox.close()
  }
}
