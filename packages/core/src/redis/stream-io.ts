import type { Redis } from 'ioredis'
import type { Entry } from './push.js'

/** Reads the reply of `XRANGE` and of what a group reads: entries without content have been trimmed and are left out. */
export function entriesOf(reply: unknown): Entry[] {
  if (!Array.isArray(reply)) return []
  return reply.flatMap((item: unknown) => {
    if (!Array.isArray(item) || !Array.isArray(item[1])) return []
    const fields = item[1] as Buffer[]
    for (let at = 0; at + 1 < fields.length; at += 2) {
      if (String(fields[at]) === 'm') return [{ id: String(item[0]), frame: fields[at + 1] as Buffer }]
    }
    return []
  })
}

/** Entries after a place, oldest first. */
export async function entriesAfter(redis: Redis, stream: string, after: string, count: number): Promise<Entry[]> {
  return entriesOf(await redis.xrangeBuffer(stream, `(${after}`, '+', 'COUNT', count))
}

/** Entries by their places; a place whose entry is gone is left out. */
export async function entriesAt(redis: Redis, stream: string, ids: readonly string[]): Promise<Entry[]> {
  const replies = await Promise.all(ids.map((id) => redis.xrangeBuffer(stream, id, id)))
  return replies.flatMap(entriesOf)
}
