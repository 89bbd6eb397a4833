import type { Bus, Publisher } from '../bus/bus.js'
import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { channels } from '../flow/map.js'
import { BarfinexError } from '../runtime/error.js'

/**
 * Says again what this daemon wrote last before it ended. What got out then is there already and its id makes this harmless; what was
 * written and never sent gets out now. Messages without an id of their own are left alone: newer ones follow.
 */
export async function sendAgain(bus: Bus, written: readonly Envelope[]): Promise<number> {
  const byName = new Map<string, Channel<unknown>>(channels.map((it) => [it.name, it as unknown as Channel<unknown>]))
  const publishers = new Map<string, Publisher<unknown>>()
  let count = 0
  for (const envelope of written) {
    const { type, source, epoch, occurredAt, receivedAt, payload, correlationId, causationId } = envelope
    const channel = byName.get(type)
    if (channel === undefined || channel.idOf === null || !isDurable(channel)) continue
    const door = `${type} ${source} ${epoch}`
    const publisher = publishers.get(door) ?? bus.publisher(channel, source, epoch)
    publishers.set(door, publisher)
    const isRoot = causationId === envelope.id
    publisher.publish(payload, {
      occurredAt,
      ...(receivedAt === undefined ? {} : { receivedAt }),
      ...(isRoot ? {} : { cause: { id: causationId, correlationId } }),
    })
    count += 1
  }
  await flushed(bus)
  return count
}

function isDurable({ class: kind }: Channel<unknown>): boolean {
  return kind === 'command' || kind === 'fact'
}

/** What the server refuses this user for good is an alarm of the bus, and no reason not to start or end. */
export async function flushed(bus: Bus): Promise<void> {
  try {
    await bus.flush()
  } catch (error) {
    if (!BarfinexError.is(error, 'bus.refused')) throw error
  }
}
