import { type Envelope, plainEnvelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { createFactChain } from './fact-chain.js'
import type { Journal } from './journal.js'

export interface MemoryJournalOptions {
  /** Envelopes kept for reading, the newest; the hash and the count cover all. Default: every one. */
  readonly keepCount?: number
}

/** A journal that lives as long as the process. For backtests, notebooks and tests. */
export function createMemoryJournal(options: MemoryJournalOptions = {}): Journal {
  const keepCount = options.keepCount ?? Number.POSITIVE_INFINITY
  const chain = createFactChain()
  const kept: Envelope[] = []
  let count = 0
  return {
    append(envelope: Envelope, channel: Channel<never>) {
      count += 1
      chain.add(envelope, channel)
      if (keepCount === 0) return
      kept.push(envelope)
      if (kept.length > keepCount * 2) kept.splice(0, kept.length - keepCount)
    },
    flush: () => undefined,
    fault: null,
    get count() {
      return count
    },
    hash: () => chain.hash(),
    async *read() {
      for (const envelope of kept.slice(-Math.min(keepCount, kept.length))) yield plainEnvelope(envelope)
    },
    async close() {},
  }
}
