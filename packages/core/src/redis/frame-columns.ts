import { z } from 'zod'
import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { identifier, instantMs } from '../flow/primitives.js'
import { columnOf } from './columns/column-of.js'
import { ColumnReader, refuse } from './columns/column-reader.js'
import { ColumnWriter } from './columns/column-writer.js'
import { envelopeOf } from './message.js'

/** Messages of one frame: more than a bus sends together, and few enough for a stranger's not to fill the memory. */
const mostMessages = 4_096

const count = z.number().int().min(0)
const cause = z.string().min(1).max(400).nullable()

/** The members of an envelope that cannot be derived from its channel and its payload. */
const columns = {
  source: columnOf(identifier),
  epoch: columnOf(count),
  seq: columnOf(count),
  occurredAt: columnOf(instantMs),
  receivedAt: columnOf(instantMs.nullable()),
  causationId: columnOf(cause),
  correlationId: columnOf(cause),
} as const

/** Used again for every frame of a channel. */
const writers = new WeakMap<Channel<never>, ColumnWriter>()

function writerOf(channel: Channel<never>): ColumnWriter {
  let writer = writers.get(channel)
  if (writer === undefined) {
    writer = new ColumnWriter()
    writers.set(channel, writer)
  }
  return writer
}

/** Messages as columns after `head`; `null` when one of them does not fit its schema, or holds text that UTF-8 cannot carry. */
export function encodeColumns(
  channel: Channel<never>,
  head: string,
  envelopes: readonly Envelope<never>[],
): Buffer | null {
  const writer = writerOf(channel)
  writer.clear()
  writer.u32(channel.version)
  writer.u32(envelopes.length)
  const isWritten =
    columns.source.write(
      envelopes.map(({ source }) => source),
      writer,
    ) &&
    columns.epoch.write(
      envelopes.map(({ epoch }) => epoch),
      writer,
    ) &&
    columns.seq.write(
      envelopes.map(({ seq }) => seq),
      writer,
    ) &&
    columns.occurredAt.write(
      envelopes.map(({ occurredAt }) => occurredAt),
      writer,
    ) &&
    columns.receivedAt.write(
      envelopes.map(({ receivedAt }) => receivedAt ?? null),
      writer,
    ) &&
    columns.causationId.write(
      envelopes.map((it) => (isRoot(it) ? null : it.causationId)),
      writer,
    ) &&
    columns.correlationId.write(
      envelopes.map((it) => (isRoot(it) ? null : it.correlationId)),
      writer,
    ) &&
    columnOf(channel.schema).write(
      envelopes.map(({ payload }) => payload),
      writer,
    )
  return isWritten ? writer.finish(head) : null
}

/** The start of a trail names no cause. */
function isRoot({ id, causationId }: Envelope<never>): boolean {
  return causationId === id
}

/** Reads what {@link encodeColumns} wrote, after its head; throws what is wrong with it. */
export function decodeColumns(channel: Channel<never>, body: Buffer): readonly Envelope<never>[] {
  const from = new ColumnReader(body)
  const version = from.u32()
  if (version !== channel.version) refuse(`its version is ${version}, not ${channel.version}`)
  const length = from.u32()
  if (length > mostMessages) refuse(`it holds ${length} messages`)
  const source = columns.source.read(length, from) as readonly string[]
  const epoch = columns.epoch.read(length, from) as readonly number[]
  const seq = columns.seq.read(length, from) as readonly number[]
  const occurredAt = columns.occurredAt.read(length, from) as readonly number[]
  const receivedAt = columns.receivedAt.read(length, from) as readonly (number | null)[]
  const causationId = columns.causationId.read(length, from) as readonly (string | null)[]
  const correlationId = columns.correlationId.read(length, from) as readonly (string | null)[]
  const payloads = columnOf(channel.schema).read(length, from) as readonly never[]
  from.end()
  return payloads.map((payload, index) => {
    const id = causationId[index] ?? null
    const correlation = correlationId[index] ?? null
    if ((id === null) !== (correlation === null)) refuse('half of its cause is missing')
    return envelopeOf(channel, {
      source: source[index] as string,
      epoch: epoch[index] as number,
      seq: seq[index] as number,
      key: channel.keyOf(payload),
      occurredAt: occurredAt[index] as number,
      receivedAt: receivedAt[index] ?? undefined,
      cause: id === null || correlation === null ? undefined : { id, correlationId: correlation },
      payload,
    })
  })
}
