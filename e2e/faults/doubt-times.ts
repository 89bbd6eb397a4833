import { type Envelope, type Fill, flow, type OrderEvent } from '@barfinex/core'
import type { World } from './fault-world.js'

/** How long each order that the venue took stayed uncertain, in milliseconds; those that still are do not count. */
export async function doubtTimes(world: World): Promise<readonly number[]> {
  const since = new Map<string, number>()
  const times: number[] = []
  for await (const { type, payload, occurredAt } of world.journal.read()) {
    if (type !== flow.orderEvent.name) continue
    const { clientOrderId, state } = payload as OrderEvent
    const from = since.get(clientOrderId)
    const isTaken = (world.venue.truth.orders.get(clientOrderId)?.state ?? 'rejected') !== 'rejected'
    if (isTaken && from !== undefined && state !== 'uncertain') times.push(occurredAt - from)
    since.delete(clientOrderId)
    if (state === 'uncertain') since.set(clientOrderId, from ?? occurredAt)
  }
  return times
}

/** Instants at which fills happened at the venue and were booked by the desk. */
export async function bookings(world: World): Promise<readonly { filledAt: number; bookedAt: number }[]> {
  const filled = new Map(
    world.venue.truth.fills.map(({ symbol, tradeId, occurredAt }) => [`${symbol}.${tradeId}`, occurredAt]),
  )
  const found: { filledAt: number; bookedAt: number }[] = []
  for await (const envelope of world.journal.read()) {
    if (envelope.type !== flow.fill.name) continue
    const { payload, occurredAt } = envelope as Envelope<Fill>
    const filledAt = filled.get(payload.fillId)
    if (filledAt !== undefined) found.push({ filledAt, bookedAt: occurredAt })
  }
  return found
}
