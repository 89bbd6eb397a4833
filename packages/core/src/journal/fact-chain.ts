import { createHash } from 'node:crypto'
import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { channels } from '../flow/map.js'
import { createCanonicalWriter } from './canonical.js'

/** Members that differ between equal runs: seals, durations and incarnations. They are left out wherever they stand. */
const unhashed = new Set(['approval', 'durationUs', 'receivedAt', 'epoch'])

/** Folds commands and facts into one hash. */
export interface FactChain {
  /** Takes a message in; anything but a command or a fact is passed over. */
  add(envelope: Envelope, channel: Channel<never>): void
  /** The hash of everything added so far. Reading it changes nothing: how often somebody looks is no part of the chain. */
  hash(): string
  /** Commands and facts added. */
  readonly count: number
  /** Everything from which a chain goes on as this one would: as JSON. */
  state(): FactChainState
}

/** A chain at rest. */
export interface FactChainState {
  readonly digest: string
  readonly block: string
  readonly instant: readonly FactChainEntry[]
  /** Of the newest fact; `null` before the first. */
  readonly latest: number | null
  readonly count: number
}

/** One message of the present instant, waiting for its place. */
export interface FactChainEntry {
  readonly occurredAt: number
  readonly rank: number
  readonly key: string
  readonly seq: number
  readonly text: string
}

const blockChars = 65_536
/** Channel name to its place in the flow map, and whether the ids of its messages say in which incarnation they were written. */
const places = new Map(channels.map(({ name, idOf }, rank) => [name, { rank, isNumbered: idOf === null }]))

/**
 * The hash chain behind `journalHash`: text of the facts in blocks of 64 kB, each block's SHA-256 begins the next block.
 *
 * Within one instant the facts are put in the order of the flow map, then of their key, then of their number there, so that
 * two buses that interleave different keys differently give the same hash. An instant is over when something later is
 * added. Left out are seals, durations, epochs (also inside ids), `receivedAt`, stream ids and who wrote it. Goes on
 * from the state of another chain where one is given.
 */
export function createFactChain(from?: FactChainState): FactChain {
  const write = createCanonicalWriter(unhashed)
  let digest = from?.digest ?? '0'.repeat(64)
  let block = from?.block ?? ''
  let instant: FactChainEntry[] = [...(from?.instant ?? [])]
  let latest = from?.latest ?? Number.NEGATIVE_INFINITY
  let count = from?.count ?? 0

  function closeInstant(): void {
    block += textOf(instant)
    instant = []
    if (block.length < blockChars) return
    digest = chained(digest, block)
    block = ''
  }

  return {
    add(envelope, channel) {
      if (channel.class !== 'command' && channel.class !== 'fact') return
      const { id, type, occurredAt, key, seq, correlationId, causationId, payload } = envelope
      if (occurredAt > latest) {
        if (instant.length > 0) closeInstant()
        latest = occurredAt
      }
      count += 1
      const names = `${stableId(id)}|${stableId(correlationId)}|${stableId(causationId)}`
      const rank = places.get(type)?.rank ?? places.size
      instant.push({ occurredAt, rank, key, seq, text: `${occurredAt}|${names}|${write(payload)}\n` })
    },
    hash() {
      const rest = block + textOf(instant)
      return rest === '' ? digest : chained(digest, rest)
    },
    get count() {
      return count
    },
    state: () => ({ digest, block, instant: [...instant], latest: count === 0 ? null : latest, count }),
  }
}

function chained(digest: string, block: string): string {
  return createHash('sha256').update(digest).update(block).digest('hex')
}

function textOf(instant: readonly FactChainEntry[]): string {
  if (instant.length === 1) return (instant[0] as FactChainEntry).text
  return [...instant].sort(inPlace).reduce((text, entry) => text + entry.text, '')
}

function inPlace(a: FactChainEntry, b: FactChainEntry): number {
  return (
    a.occurredAt - b.occurredAt || a.rank - b.rank || compare(a.key, b.key) || a.seq - b.seq || compare(a.text, b.text)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** `market.quote:BTC/USDT:3.17` without the writer's incarnation: the third start of a desk says the same as the first. */
function stableId(id: string): string {
  const end = id.indexOf(':')
  if (end < 0 || places.get(id.slice(0, end))?.isNumbered !== true) return id
  const dot = id.lastIndexOf('.')
  return `${id.slice(0, id.lastIndexOf(':', dot))}:${id.slice(dot + 1)}`
}
