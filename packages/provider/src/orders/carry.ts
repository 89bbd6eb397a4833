import { type Envelope, flow, type Incident, isFinal, type OrderEvent } from '@barfinex/core'
import { type Carry, carriedMs, lastSaidAt } from '@barfinex/core/daemon'
import { readCommand } from './refuse-command.js'

/** So many orders that the exchange was sent last are kept whatever their age, */
const keptOrders = 1_000
/** and so many commands: by the seals the epoch of Inspector is known. */
const keptCommands = 16

const wanted: ReadonlySet<string> = new Set([
  flow.orderCommand.name,
  flow.orderEvent.name,
  flow.fill.name,
  flow.operatorCommand.name,
  flow.incident.name,
])

/** What one order has come to. */
interface OrderSum {
  isFinal: boolean
  isSent: boolean
  sequence: number
  /** Place and instant of its newest message. */
  last: number
  lastAt: number
}

/**
 * What Provider goes on from: every fill (positions are made of them), all about orders that have not ended or ended lately, and
 * approvals that have not expired. What is left out had ended a week ago or more.
 */
export const carry = (keptMs = carriedMs): Carry => ({
  version: 1,
  wants: ({ type, source }) => wanted.has(type) && (type !== flow.incident.name || source === 'provider'),
  prune(past) {
    const since = lastSaidAt(past, 'provider') - keptMs
    const forged = new Set(past.filter(isForgery).map(({ causationId }) => causationId))
    const commands = past.flatMap((envelope) => {
      if (envelope.type !== flow.orderCommand.name || forged.has(envelope.id)) return []
      const read = readCommand(envelope.payload)
      return 'refusal' in read ? [] : [{ envelope, command: read.command }]
    })
    const orders = sumUp(past)
    const sent = [...orders].filter(([, { isSent }]) => isSent).sort(([, a], [, b]) => b.last - a.last)
    // An order is kept whole or not at all: a command without its events would be one that may be at the exchange.
    const keptIds = new Set(sent.slice(0, keptOrders).map(([id]) => id))
    for (const [id, { isFinal, lastAt }] of orders) if (!isFinal || lastAt > since) keptIds.add(id)
    const keptEnvelopes = new Set<Envelope>()
    for (const [index, { envelope, command }] of commands.entries()) {
      const isNeeded = index >= commands.length - keptCommands || command.approval.expiresAt > since
      if (isNeeded) keptEnvelopes.add(envelope)
      if (command.type !== 'submit') continue
      const { clientOrderId } = command.order
      if (isNeeded || !orders.has(clientOrderId) || envelope.occurredAt > since) keptIds.add(clientOrderId)
    }
    for (const { envelope, command } of commands) {
      const id = command.type === 'submit' ? command.order.clientOrderId : command.clientOrderId
      if (keptIds.has(id)) keptEnvelopes.add(envelope)
    }
    const newest = past.findLast(({ type }) => type !== flow.operatorCommand.name && type !== flow.incident.name)
    return past.filter((envelope) => {
      const { type, occurredAt, payload, causationId } = envelope
      if (envelope === newest || occurredAt > since || type === flow.fill.name || keptEnvelopes.has(envelope))
        return true
      // Should the newest be a forgery, what says so stays with it.
      if (type === flow.incident.name) return causationId === newest?.id
      return type === flow.orderEvent.name && keptIds.has((payload as OrderEvent).clientOrderId)
    })
  },
})

/** What nobody who may had sealed: its expiry is whatever somebody wrote there. */
function isForgery({ type, payload }: Envelope): boolean {
  return type === flow.incident.name && (payload as Incident).severity === 'critical'
}

/** Orders by what Provider has said about them. */
function sumUp(past: readonly Envelope[]): ReadonlyMap<string, OrderSum> {
  const orders = new Map<string, OrderSum>()
  for (const [place, { type, payload, occurredAt }] of past.entries()) {
    if (type !== flow.orderEvent.name) continue
    const { clientOrderId, sequence, state } = payload as OrderEvent
    const sum = orders.get(clientOrderId) ?? {
      isFinal: false,
      isSent: false,
      sequence: -1,
      last: place,
      lastAt: occurredAt,
    }
    orders.set(clientOrderId, sum)
    sum.last = place
    sum.lastAt = Math.max(sum.lastAt, occurredAt)
    sum.isSent ||= state !== 'denied'
    if (sequence < sum.sequence) continue
    sum.sequence = sequence
    sum.isFinal = isFinal(state)
  }
  return orders
}
