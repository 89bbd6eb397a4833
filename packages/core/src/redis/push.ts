import { BarfinexError } from '../runtime/error.js'
import type { Encoded } from './frame.js'

/** An entry of a stream: its place, the id that was given to it, and its content. */
export interface Entry {
  readonly id: string
  readonly frame: Buffer
}

/** What comes on the topic of a channel. */
export type Push =
  | { readonly kind: 'live'; readonly frame: Buffer }
  | { readonly kind: 'entries'; readonly before: string; readonly entries: readonly Entry[] }
  /** Entries that are to be read from the stream, up to this one. */
  | { readonly kind: 'news'; readonly newest: string }
  | { readonly kind: 'state'; readonly frames: readonly Buffer[] }

const newline = 10
const streamId = /^\d{1,16}-\d{1,16}$/

/** Marks a frame of live data or heartbeats. */
export function livePush(frame: Encoded): Encoded {
  return typeof frame === 'string' ? `L${frame}` : Buffer.concat([Buffer.from('L'), frame])
}

/** Reads what came on a topic; `message.invalid` when it is not ours. */
export function parsePush(push: Buffer): Push {
  const kind = String.fromCharCode(push[0] ?? 0)
  if (kind === 'L') return { kind: 'live', frame: push.subarray(1) }
  if (kind === 'V') return { kind: 'state', frames: parts(push, 1).map(({ content }) => content) }
  if (kind === 'N' && push.length <= 40) {
    const newest = push.toString('latin1', 1)
    return streamId.test(newest) ? { kind: 'news', newest } : refuse()
  }
  if (kind === 'F') {
    const end = push.indexOf(newline)
    const before = push.toString('latin1', 1, end < 0 ? 1 : end)
    if (!streamId.test(before)) refuse()
    const entries = parts(push, end).map(({ header, content }) => {
      const [id = ''] = header.split(' ')
      if (!streamId.test(id)) refuse()
      return { id, frame: content }
    })
    return { kind: 'entries', before, entries }
  }
  return refuse()
}

/** A line that ends in a length, and so many bytes; again and again. */
function parts(push: Buffer, from: number): { header: string; content: Buffer }[] {
  const found: { header: string; content: Buffer }[] = []
  for (let at = from; at < push.length; ) {
    const end = push.indexOf(newline, at + 1)
    if (push[at] !== newline || end < 0 || end - at > 64) refuse()
    const header = push.toString('latin1', at + 1, end)
    const length = Number(header.slice(header.lastIndexOf(' ') + 1))
    if (!Number.isSafeInteger(length) || length < 0 || end + 1 + length > push.length) refuse()
    found.push({ header, content: push.subarray(end + 1, end + 1 + length) })
    at = end + 1 + length
  }
  return found
}

function refuse(): never {
  throw new BarfinexError('message.invalid', 'Something came on a topic of the bus that no bus of this version wrote.')
}
