import { createHash } from 'node:crypto'
import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { canonicalJson } from './canonical.js'

/** Members that differ between equal runs: seals and durations. They are left out wherever they stand. */
const unhashed = new Set(['approval', 'durationUs', 'receivedAt', 'epoch'])

/** Folds commands and facts into one hash, a block at a time. */
export interface FactChain {
  add(envelope: Envelope, channel: Channel<never>): void
  hash(): string
  readonly count: number
}

const blockChars = 65_536

/** The hash chain behind `journalHash`: each block's digest begins the next block. */
export function createFactChain(): FactChain {
  let digest = '0'.repeat(64)
  let block = ''
  let count = 0

  function close(): void {
    if (block === '') return
    digest = createHash('sha256').update(digest).update(block).digest('hex')
    block = ''
  }

  return {
    add(envelope, channel) {
      if (channel.class !== 'command' && channel.class !== 'fact') return
      count += 1
      block += `${envelope.id}|${envelope.occurredAt}|${envelope.correlationId}|${envelope.causationId}|`
      block += canonicalJson(withoutUnhashed(envelope.payload))
      block += '\n'
      if (block.length >= blockChars) close()
    },
    hash() {
      // Reading closes the block on a copy: how often somebody looks must not change the chain.
      return block === '' ? digest : createHash('sha256').update(digest).update(block).digest('hex')
    },
    get count() {
      return count
    },
  }
}

function withoutUnhashed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnhashed)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    if (!unhashed.has(key)) copy[key] = withoutUnhashed(member)
  }
  return copy
}
