import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { channels } from '../flow/map.js'
import { BarfinexError } from '../runtime/error.js'
import type { Boundary } from './checkpoint.js'
import { createFactChain, type FactChain } from './fact-chain.js'
import { genesis, newBlock, type WritePoint } from './segment-writer.js'
import { readSegment, segmentNumberOf, segmentsOf } from './segments.js'

/** What reading a journal to check it came to. */
export interface CheckedJournal {
  readonly point: WritePoint
  readonly recordCount: number
  readonly chain: FactChain
}

export interface CheckOptions {
  /** Begins here instead of at the first segment. */
  readonly from?: Boundary
  /** Ends before this segment. */
  readonly before?: number
  readonly onMessage?: (envelope: Envelope) => void
  /** A segment is over and another one follows. */
  readonly onBoundary?: (boundary: Boundary) => void | Promise<void>
}

type Content = Envelope | { readonly seal: string } | { readonly segment: number; readonly after: string }

const byName = new Map<string, Channel<never>>(channels.map((it) => [it.name, it as unknown as Channel<never>]))
const cutShort = 'it is cut short'

/**
 * Reads segments once: frames, checksums, the place of each file, and every seal. Throws `journal.damaged` with file, byte and
 * record for anything but an end that was cut short.
 */
export async function checkJournal(directory: string, options: CheckOptions = {}): Promise<CheckedJournal> {
  const { from, before = Number.POSITIVE_INFINITY, onMessage, onBoundary } = options
  const all = segmentsOf(directory)
  const last = all.at(-1)
  const names = all.filter((it) => segmentNumberOf(it) >= (from?.segment ?? 0) && segmentNumberOf(it) < before)
  const chain = createFactChain(from?.chain)
  let seal = from?.after ?? genesis
  let block = newBlock(seal)
  let blockBytes = 0
  let recordCount = from?.recordCount ?? 0
  let tornBytes = 0
  let size = 0
  for (const name of names) {
    const fileSize = statSync(join(directory, name)).size
    size = 0
    for await (const read of readSegment(directory, name, fileSize)) {
      if (read.type === 'torn' && name === last) {
        tornBytes = fileSize - read.offset
        break
      }
      if (read.type !== 'record') {
        throw damaged(name, read.offset, recordCount, read.type === 'torn' ? cutShort : read.what)
      }
      const content = contentOf(read.content)
      const isFirst = size === 0
      if (isFirst && !('segment' in content))
        throw damaged(name, 0, recordCount, 'its first record does not say where it belongs')
      if ('segment' in content) {
        const isHere = isFirst && content.segment === segmentNumberOf(name) && content.after === seal
        if (!isHere) throw damaged(name, read.offset, recordCount, 'it does not follow the file before it')
      }
      if ('seal' in content) {
        const found = block.digest('hex')
        if (content.seal !== found) {
          throw damaged(name, read.offset, recordCount, 'its seal does not match the records before it')
        }
        seal = found
        block = newBlock(seal)
        blockBytes = 0
      } else {
        block.update(read.frame)
        blockBytes += read.frame.length
      }
      if ('type' in content) {
        const channel = byName.get(content.type)
        if (channel !== undefined) chain.add(content, channel)
        recordCount += 1
        onMessage?.(content)
      }
      if (!('type' in content || 'seal' in content || 'segment' in content)) {
        throw damaged(name, read.offset, recordCount, 'it is no message')
      }
      size = read.end
    }
    // A journal can be taken up where a block ends; earlier versions let some go on over the end of a file.
    if (name !== last && blockBytes === 0) {
      await onBoundary?.({ segment: segmentNumberOf(name) + 1, after: seal, recordCount, chain: chain.state() })
    }
  }
  const end = names.at(-1)
  const segment = end === undefined ? (from?.segment ?? 1) : segmentNumberOf(end)
  return { point: { segment, size, tornBytes, seal, block, blockBytes }, recordCount, chain }
}

/** Whether the segment of a boundary is there and follows the very one that the boundary was made after. */
export async function isBoundaryOf(directory: string, { segment, after }: Boundary): Promise<boolean> {
  const name = segmentsOf(directory).find((it) => segmentNumberOf(it) === segment)
  if (name === undefined) return false
  for await (const read of readSegment(directory, name, statSync(join(directory, name)).size)) {
    if (read.type !== 'record') return false
    const content = contentOf(read.content)
    return 'segment' in content && content.segment === segment && content.after === after
  }
  return false
}

/** Messages of the segments, from a place in one of them up to another. */
export async function* readMessages(
  directory: string,
  from: Pick<WritePoint, 'segment' | 'size'>,
  end: Pick<WritePoint, 'segment' | 'size'>,
): AsyncGenerator<Envelope> {
  for (const name of segmentsOf(directory)) {
    const number = segmentNumberOf(name)
    if (number < from.segment) continue
    if (number > end.segment) return
    const size = number === end.segment ? end.size : statSync(join(directory, name)).size
    for await (const read of readSegment(directory, name, size, number === from.segment ? from.size : 0)) {
      if (read.type !== 'record') throw damaged(name, read.offset, null, read.type === 'torn' ? cutShort : read.what)
      const envelope = contentOf(read.content)
      if ('type' in envelope) yield envelope
    }
  }
}

function contentOf(bytes: Buffer): Content {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Content) : ({} as Content)
  } catch {
    return {} as Content
  }
}

function damaged(name: string, offset: number, record: number | null, what: string): BarfinexError {
  const which = record === null ? 'The record' : `Record ${record}`
  return new BarfinexError(
    'journal.damaged',
    `${which} at byte ${offset} of ${name} is damaged: ${what}. Restore the journal from a copy; nothing was changed.`,
    { details: { file: name, offset, ...(record === null ? {} : { record }) } },
  )
}
