import {
  type Cause,
  Decimal,
  decimal,
  type Envelope,
  type Fill,
  flow,
  type Journal,
  type Order,
  type OrderCommand,
  type OrderEvent,
  schemas,
} from '@barfinex/core'
import { initialized, type TrackedOrder } from './tracked-order.js'

/** What a journal of earlier starts says about orders. */
export interface Restored {
  readonly orders: readonly TrackedOrder[]
  readonly fills: readonly Fill[]
  /** Commands whose approval counts as used. */
  readonly commands: readonly OrderCommand[]
  /** Kernel time of the newest fact about orders; `null` for an empty journal. */
  readonly lastAt: number | null
}

/**
 * Reads the account's orders and fills back from the journal. A command without any event may or may not have been sent before
 * the process ended: it counts as sent, so that the exchange is asked.
 */
export async function restore(journal: Journal, account: string): Promise<Restored> {
  const submits = new Map<string, { command: Extract<OrderCommand, { type: 'submit' }>; cause: Cause; at: number }>()
  const cancels: OrderCommand[] = []
  const events = new Map<string, { event: OrderEvent; cause: Cause; at: number }>()
  const fills: Fill[] = []
  let lastAt: number | null = null
  for await (const envelope of journal.read()) {
    const { payload } = envelope as Envelope<{ account?: unknown }>
    if (payload.account !== account) continue
    if (envelope.type === flow.orderCommand.name) {
      const parsed = schemas.orderCommand.safeParse(payload)
      if (!parsed.success) continue
      if (parsed.data.type === 'cancel') cancels.push(parsed.data)
      else if (!submits.has(parsed.data.order.clientOrderId)) {
        submits.set(parsed.data.order.clientOrderId, { command: parsed.data, cause: envelope, at: envelope.occurredAt })
      }
    } else if (envelope.type === flow.orderEvent.name) {
      const event = payload as OrderEvent
      const known = events.get(event.clientOrderId)
      if (known === undefined || event.sequence >= known.event.sequence) {
        events.set(event.clientOrderId, {
          event,
          cause: known?.cause ?? envelope,
          at: known?.at ?? envelope.occurredAt,
        })
      }
    } else if (envelope.type === flow.fill.name) fills.push(payload as Fill)
    else continue
    lastAt = envelope.occurredAt
  }
  const fillsByOrder = new Map<string, Fill[]>()
  for (const fill of fills) {
    const own = fillsByOrder.get(fill.clientOrderId)
    if (own === undefined) fillsByOrder.set(fill.clientOrderId, [fill])
    else own.push(fill)
  }
  const orders: TrackedOrder[] = []
  for (const clientOrderId of new Set([...submits.keys(), ...events.keys()])) {
    const submit = submits.get(clientOrderId)
    const said = events.get(clientOrderId)
    const order = submit?.command.order ?? (said === undefined ? null : orderOf(said.event))
    if (order === null) continue
    const base = initialized(account, order, submit?.cause ?? said?.cause ?? null, submit?.at ?? said?.at ?? 0)
    orders.push(rebuild(base, said?.event, fillsByOrder.get(clientOrderId) ?? []))
  }
  const sent = [...submits.values()].filter(
    ({ command }) => events.get(command.order.clientOrderId)?.event.state !== 'denied',
  )
  return { orders, fills, commands: [...sent.map((it) => it.command), ...cancels], lastAt }
}

function rebuild(base: TrackedOrder, event: OrderEvent | undefined, own: readonly Fill[]): TrackedOrder {
  const filled = own.reduce((sum, it) => sum.plus(decimal(it.quantity)), Decimal.zero)
  const cost = own.reduce((sum, it) => sum.plus(decimal(it.price).times(decimal(it.quantity))), Decimal.zero)
  if (event === undefined) return { ...base, filled, cost, state: 'submitted' }
  const { state } = event
  const isEnding = state === 'canceled' || state === 'expired' || state === 'rejected' || state === 'denied'
  return {
    ...base,
    filled,
    cost,
    state,
    exchangeOrderId: event.exchangeOrderId,
    isAcknowledged: event.exchangeOrderId !== null,
    isTriggered: state === 'triggered',
    ending: isEnding ? state : null,
    isCancelWanted: state === 'pendingCancel',
    cancelAt: state === 'pendingCancel' ? event.occurredAt : null,
    isUncertain: state === 'uncertain',
    reason: event.reason,
    eventCount: event.sequence + 1,
    changedAt: event.occurredAt,
  }
}

/** An order that Provider sent on its own has no command; what its events do not say is as Provider sends it. */
function orderOf(event: OrderEvent): Order {
  return {
    clientOrderId: event.clientOrderId,
    symbol: event.symbol,
    side: event.side,
    type: event.type,
    quantity: event.quantity,
    limitPrice: event.limitPrice,
    triggerPrice: event.triggerPrice,
    trailingBps: null,
    timeInForce: 'ioc',
    reduceOnly: event.reduceOnly,
    postOnly: false,
    ocoGroup: event.ocoGroup,
    purpose: event.purpose,
    intentId: event.intentId,
    attempt: 0,
  }
}
