import {
  decimal,
  type Envelope,
  type Fill,
  flow,
  type Incident,
  isFinal,
  type OrderCommand,
  type OrderEvent,
  type TradeOutcome,
  type Verdict,
} from '@barfinex/core'
import { dustCode } from './protect/dust.js'

/** A trade or an order, from its first message to its last. */
interface Span {
  readonly symbol: string
  readonly start: number
  readonly startedAt: number
  last: number
  lastAt: number
  isEnded: boolean
  /** Nobody but Inspector has spoken of it. */
  isUnanswered: boolean
}

/** What a symbol's messages are about. */
export interface OpenSince {
  /**
   * By symbol, the place in the past from which on everything matters: from there to the end something was open without a break, or
   * ended after `since`. A symbol that is not there has nothing that matters.
   */
  readonly places: ReadonlyMap<string, number>
  /** Place of the verdict that began a trade. */
  startOf(intentId: string): number | undefined
}

/**
 * Finds where the trades and orders begin that are open, or ended after `since`, and all that overlap with them: a fill of one may
 * count for another one of its symbol.
 */
export function openSince(past: readonly Envelope[], since: number): OpenSince {
  const trades = new Map<string, Span>()
  const orders = new Map<string, Span>()
  for (const [place, envelope] of past.entries()) read(trades, orders, envelope, place)
  const spans = [...trades.values(), ...orders.values()].sort((a, b) => b.last - a.last)
  const places = new Map<string, number>()
  const reach = (span: Span) => places.set(span.symbol, Math.min(span.start, places.get(span.symbol) ?? span.start))
  // What was approved so long ago and never answered was never sent: its seal is void.
  const isOver = (it: Span) => it.lastAt <= since && (it.isEnded || it.isUnanswered)
  for (const span of spans) if (!isOver(span)) reach(span)
  // In the order of their ends: whoever reaches into what matters begins before it.
  for (const span of spans)
    if (isOver(span) && span.last >= (places.get(span.symbol) ?? Number.POSITIVE_INFINITY)) reach(span)
  return { places, startOf: (intentId) => trades.get(intentId)?.start }
}

function read(
  trades: Map<string, Span>,
  orders: Map<string, Span>,
  { type, payload, occurredAt }: Envelope,
  place: number,
): void {
  const touch = (spans: Map<string, Span>, id: string, symbol: string, isAnswer: boolean): Span => {
    const known = spans.get(id)
    const span = known ?? {
      symbol,
      start: place,
      startedAt: occurredAt,
      last: place,
      lastAt: occurredAt,
      isEnded: false,
      isUnanswered: true,
    }
    span.last = place
    span.lastAt = Math.max(span.lastAt, occurredAt)
    if (isAnswer) span.isUnanswered = false
    spans.set(id, span)
    return span
  }
  if (type === flow.verdict.name) {
    const { type: answer, order, purpose, intentId, symbol } = payload as Verdict
    if (answer !== 'approved' || order === null) return
    touch(orders, order.clientOrderId, symbol, false)
    if (purpose === 'entry' || trades.has(intentId)) touch(trades, intentId, symbol, false)
  } else if (type === flow.orderCommand.name) {
    const command = payload as OrderCommand
    const id = command.type === 'submit' ? command.order.clientOrderId : command.clientOrderId
    const symbol = command.type === 'submit' ? command.order.symbol : command.symbol
    if (command.type === 'submit' || orders.has(id)) touch(orders, id, symbol, false)
  } else if (type === flow.orderEvent.name) {
    const { clientOrderId, intentId, purpose, state, symbol, filledQuantity } = payload as OrderEvent
    const order = touch(orders, clientOrderId, symbol, true)
    order.isEnded ||= isFinal(state)
    const trade = trades.get(intentId)
    if (trade === undefined) return
    touch(trades, intentId, symbol, true)
    if (purpose === 'entry' && order.isEnded && decimal(filledQuantity).isZero) trade.isEnded = true
  } else if (type === flow.fill.name) {
    const { clientOrderId, intentId, purpose, symbol } = payload as Fill
    if (orders.has(clientOrderId)) touch(orders, clientOrderId, symbol, true)
    if (!trades.has(intentId)) return
    const trade = touch(trades, intentId, symbol, true)
    // An entry that had ended without a fill, and was filled after all.
    if (purpose === 'entry') trade.isEnded = false
  } else if (type === flow.incident.name) {
    const { reason, symbol } = payload as Incident
    const intentId = reason.code === dustCode && typeof reason.observed === 'string' ? reason.observed : ''
    if (trades.has(intentId) && symbol !== null) touch(trades, intentId, symbol, true).isEnded = true
  } else if (type === flow.outcome.name) {
    const { intentId, symbol } = payload as TradeOutcome
    if (trades.has(intentId)) touch(trades, intentId, symbol, true).isEnded = true
  }
}
