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
  pastOf,
  refuseSeal,
  type Verifier,
} from '@barfinex/core'
import { OperatorActs, type RememberedAct } from './operator-acts.js'
import { readCommand, sealedAction } from './refuse-command.js'
import { initialized, type TrackedOrder } from './tracked-order.js'

/** What a journal of earlier starts says about orders. */
export interface Restored {
  readonly orders: readonly TrackedOrder[]
  readonly fills: readonly Fill[]
  /** Commands that are known by their seal; their approval counts as used. */
  readonly commands: readonly OrderCommand[]
  /** What people ordered last, in order. */
  readonly acts: readonly RememberedAct[]
  /** Kernel time of the newest fact about orders; `null` for an empty journal. */
  readonly lastAt: number | null
}

interface Submit {
  readonly command: Extract<OrderCommand, { type: 'submit' }>
  readonly cause: Cause
  readonly at: number
  readonly isSealed: boolean
}

/**
 * Reads the account's orders and fills back from the journal. A command without any event may or may not have been sent before
 * the process ended: it counts as sent, so that the exchange is asked.
 *
 * The journal holds what anybody put on the bus. A command speaks for an order by its seal; where the key did not outlive the
 * process, as long as no incident says that it was refused and no event of the order contradicts it.
 */
export async function restore(
  journal: Pick<Journal, 'read' | 'past'>,
  account: string,
  verifier: Verifier,
): Promise<Restored> {
  const submits = new Map<string, Submit[]>()
  const cancels: OrderCommand[] = []
  /** Messages that an incident was raised about. */
  const refused = new Set<string>()
  const events = new Map<string, { event: OrderEvent; cause: Cause; at: number }>()
  const fills: Fill[] = []
  const acts = new OperatorActs(account)
  let lastAt: number | null = null
  for await (const envelope of pastOf(journal)) {
    acts.learn(envelope)
    if (envelope.type === flow.incident.name && envelope.source === 'provider') refused.add(envelope.causationId)
    const { payload } = envelope as Envelope<{ account?: unknown }>
    if (payload.account !== account) continue
    if (envelope.type === flow.orderCommand.name) {
      const read = readCommand(payload)
      if ('refusal' in read) continue
      const { command } = read
      const { occurredAt: at } = envelope
      // Whether it has expired by now says nothing about then.
      const isSealed = refuseSeal(verifier, command.approval, sealedAction(command), account, 0) === null
      if (command.type === 'cancel') {
        if (isSealed) cancels.push(command)
      } else {
        const { clientOrderId } = command.order
        const own = submits.get(clientOrderId) ?? []
        own.push({ command, cause: { id: envelope.id, correlationId: envelope.correlationId }, at, isSealed })
        submits.set(clientOrderId, own)
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
  const commands: OrderCommand[] = []
  for (const clientOrderId of new Set([...submits.keys(), ...events.keys()])) {
    const said = events.get(clientOrderId)
    const submit = submitOf(submits.get(clientOrderId) ?? [], said?.event, refused)
    if (submit?.isSealed === true && said?.event.state !== 'denied') commands.push(submit.command)
    const order = submit?.command.order ?? (said === undefined ? null : orderOf(said.event))
    if (order === null) continue
    const base = initialized(account, order, submit?.cause ?? said?.cause ?? null, submit?.at ?? said?.at ?? 0)
    orders.push(rebuild(base, said?.event, fillsByOrder.get(clientOrderId) ?? []))
  }
  return { orders, fills, commands: [...commands, ...cancels], acts: acts.all, lastAt }
}

/** The command that an order goes back to. */
function submitOf(
  candidates: readonly Submit[],
  event: OrderEvent | undefined,
  refused: ReadonlySet<string>,
): Submit | undefined {
  const sealed = candidates.find((it) => it.isSealed)
  if (sealed !== undefined) return sealed
  return candidates.find(
    ({ command, cause }) => !refused.has(cause.id) && (event === undefined || isAbout(event, command.order)),
  )
}

function isAbout(event: OrderEvent, order: Order): boolean {
  const names = ['symbol', 'side', 'type', 'quantity', 'limitPrice', 'triggerPrice', 'reduceOnly', 'intentId'] as const
  return names.every((name) => event[name] === order[name])
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
