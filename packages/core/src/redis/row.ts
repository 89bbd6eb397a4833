import { checked } from '../bus/checked.js'
import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { BarfinexError } from '../runtime/error.js'
import { envelopeOf } from './message.js'

/** A message on the wire: what cannot be derived from its channel and its payload. */
export type Row = readonly [
  version: number,
  source: string,
  epoch: number,
  seq: number,
  occurredAt: number,
  receivedAt: number | null,
  causationId: string | null,
  correlationId: string | null,
  payload: unknown,
]

const latestMs = 8_640_000_000_000_000
const name = /^[A-Za-z0-9._:/@-]{1,160}$/

/** The row of an envelope. The start of a trail names no cause. */
export function rowOf(envelope: Envelope<never>): Row {
  const isRoot = envelope.causationId === envelope.id
  return [
    envelope.version,
    envelope.source,
    envelope.epoch,
    envelope.seq,
    envelope.occurredAt,
    envelope.receivedAt ?? null,
    isRoot ? null : envelope.causationId,
    isRoot ? null : envelope.correlationId,
    envelope.payload,
  ]
}

/** The envelope of a row that came from outside; `message.invalid` when anything about it is not as its channel says. */
export function envelopeOfRow(channel: Channel<never>, row: unknown): Envelope<never> {
  if (!Array.isArray(row) || row.length !== 9) refuse(channel, 'it is not a row of nine members')
  const [version, source, epoch, seq, occurredAt, receivedAt, causationId, correlationId, given] = row as unknown[]
  if (version !== channel.version) refuse(channel, `its version is ${String(version)}, not ${channel.version}`)
  if (typeof source !== 'string' || !name.test(source)) refuse(channel, 'its writer has no proper name')
  if (!isCount(epoch) || !isCount(seq)) refuse(channel, 'its epoch or sequence is not a count')
  if (!isInstant(occurredAt) || !(receivedAt === null || isInstant(receivedAt)))
    refuse(channel, 'its time is no instant')
  const hasCause = isId(causationId) && isId(correlationId)
  if (!hasCause && !(causationId === null && correlationId === null)) refuse(channel, 'its cause is not an id')
  const payload = checkedPayloadOf(channel, given)
  return envelopeOf(channel, {
    source: source as string,
    epoch: epoch as number,
    seq: seq as number,
    key: channel.keyOf(payload),
    occurredAt: occurredAt as number,
    receivedAt: receivedAt === null ? undefined : (receivedAt as number),
    cause: hasCause ? { id: causationId as string, correlationId: correlationId as string } : undefined,
    payload,
  })
}

/** What the schema makes of a payload: members it does not name are gone. */
function checkedPayloadOf(channel: Channel<never>, given: unknown): never {
  const parsed = channel.schema.safeParse(given)
  if (!parsed.success) checked(channel.schema, given, `A message of ${channel.name}`)
  return parsed.data as never
}

function refuse(channel: Channel<never>, why: string): never {
  throw new BarfinexError('message.invalid', `A message of ${channel.name} is refused: ${why}. Mend its writer.`)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isInstant(value: unknown): boolean {
  return isCount(value) && (value as number) <= latestMs
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= 400
}
