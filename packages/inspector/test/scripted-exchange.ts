import {
  type AccountState,
  applyFill,
  type Bus,
  type Clock,
  Decimal,
  decimal,
  type Envelope,
  type Fill,
  flatPosition,
  flow,
  type Instrument,
  isFinal,
  type Order,
  type OrderCommand,
  type OrderEvent,
  type OrderPurpose,
  type OrderState,
  type Position,
  positionMessage,
  type Reason,
  refuseSeal,
  type Verifier,
} from '@barfinex/core'
import { type ScriptedOrder, scriptedEvent } from './scripted-order.js'

export interface ScriptOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly verifier: Verifier
  readonly instruments: readonly Instrument[]
  readonly equity?: string
  /** From a command to what the exchange says of it. */
  readonly latencyMs?: number
  /** From the order's event to the fill that it speaks of: they travel apart. 0: the fill comes first. */
  readonly fillLatencyMs?: number
  /** Whether orders of one group cancel each other before the first of them fills. */
  readonly oco?: boolean
  readonly base?: string
  readonly feeBps?: string
  /** Whether what is bought pays its own fee; otherwise all fees are in quote. */
  readonly feeFromBought?: boolean
}

/**
 * The order side as the Inspector sees it, made of bus messages: it checks seals, answers commands after its latency, and does
 * what the test says. Orders never fill by themselves.
 */
export function createScriptedExchange(options: ScriptOptions) {
  const { bus, clock, verifier, latencyMs = 50, oco = true } = options
  const account = 'paper'
  const events = bus.publisher(flow.orderEvent, 'provider', 1)
  const fills = bus.publisher(flow.fill, 'provider', 1)
  const accounts = bus.publisher(flow.account, 'provider', 1)
  const quotes = bus.publisher(flow.quote, 'provider', 1)
  const incidents = bus.publisher(flow.incident, 'provider', 1)
  const feeds = bus.publisher(flow.feed, 'provider', 1)
  const instruments = bus.publisher(flow.instrument, 'provider', 1)
  const orders = new Map<string, ScriptedOrder>()
  const unanswered = new Map<string, Envelope>()
  const positions = new Map<string, Position>()
  const refusals = new Map<OrderPurpose, Reason[]>()
  const nonces = new Set<string>()
  const commands: OrderCommand[] = []
  const refusedSeals: string[] = []
  let cash = decimal(options.equity ?? '10000')
  let sequence = 0
  let tradeCount = 0
  let isAnswering = true
  let refusesCancels = false
  let isPlanned = false
  let known = true
  let { fillLatencyMs = 0 } = options
  const marks = new Map<string, Decimal>()
  let leastEpoch = 0
  let lastFillId: string | undefined
  const twisted = new Map<string, Partial<OrderEvent>>()

  bus.subscribe(flow.orderCommand, (envelope) => take(envelope), { group: 'scripted' })

  function take(envelope: Envelope<OrderCommand>): void {
    const command = envelope.payload
    commands.push(command)
    const action =
      command.type === 'submit'
        ? ({ action: 'submit', order: command.order } as const)
        : ({ action: 'cancel', clientOrderId: command.clientOrderId, symbol: command.symbol } as const)
    const refusal = refuseSeal(verifier, command.approval, action, account, clock.now())
    if (refusal !== null) refusedSeals.push(refusal)
    else if (nonces.has(command.approval.nonce)) refusedSeals.push('order.seal.reused')
    nonces.add(command.approval.nonce)
    if (command.approval.epoch < leastEpoch) {
      refuseStale(command, envelope)
      return
    }
    if (!isAnswering) {
      if (command.type === 'submit') unanswered.set(command.order.clientOrderId, envelope)
      return
    }
    if (command.type === 'submit') submit(command.order, envelope)
    else wantCancel(command.clientOrderId)
  }

  /** As the order gateway does: an order is denied by an event, a cancel refused by an incident. */
  function refuseStale(command: OrderCommand, cause: Envelope): void {
    const observed = command.approval.epoch
    const reason = { code: 'order.seal.stale-epoch', message: 'Replaced.', limit: leastEpoch, observed }
    if (command.type === 'cancel') {
      const incidentId = `stale-${command.commandId}`
      const incident = {
        incidentId,
        severity: 'warning' as const,
        reason,
        symbol: command.symbol,
        raisedAt: clock.now(),
      }
      incidents.publish(incident, { occurredAt: clock.now(), cause })
      return
    }
    const { order } = command
    say({ order, state: 'initialized', filled: Decimal.zero, sequence: -1, cause }, 'denied', reason)
  }

  function submit(order: Order, cause: Envelope): void {
    const scripted: ScriptedOrder = { order, state: 'initialized', filled: Decimal.zero, sequence: -1, cause }
    orders.set(order.clientOrderId, scripted)
    say(scripted, 'submitted')
    const refusal = refusals.get(order.purpose)?.shift()
    clock.schedule(clock.now() + latencyMs, () => {
      if (isFinal(scripted.state)) return
      if (refusal !== undefined) say(scripted, 'rejected', refusal)
      else if (order.reduceOnly && !reducible(order)) {
        say(scripted, 'rejected', { code: 'exchange.order.nothing-to-reduce', message: 'Nothing to reduce.' })
      } else say(scripted, 'accepted')
    })
  }

  function wantCancel(id: string): void {
    const scripted = orders.get(id)
    if (scripted === undefined || isFinal(scripted.state)) return
    say(scripted, 'pendingCancel')
    clock.schedule(clock.now() + latencyMs, () => {
      if (isFinal(scripted.state)) return
      if (refusesCancels) say(scripted, 'accepted', { code: 'exchange.order.unknown-order', message: 'Which order?' })
      else say(scripted, 'canceled')
    })
  }

  function reducible(order: Order): boolean {
    const open = positionOf(order.symbol).signedQuantity
    return order.side === 'sell' ? open.isPositive : open.isNegative
  }

  function positionOf(symbol: string): Position {
    return positions.get(symbol) ?? flatPosition(symbol)
  }

  function say(scripted: ScriptedOrder, state: OrderState, reason: Reason | null = null): void {
    scripted.state = state
    scripted.sequence += 1
    events.publish(scriptedEvent(scripted, account, clock.now(), reason), {
      occurredAt: clock.now(),
      cause: scripted.cause,
    })
    planAccount()
  }

  function planAccount(): void {
    if (isPlanned) return
    isPlanned = true
    clock.schedule(clock.now(), () => {
      isPlanned = false
      publishAccount()
    })
  }

  function publishAccount(): void {
    sequence += 1
    let equity = cash
    for (const { symbol, signedQuantity, openCost } of positions.values()) {
      const mark = marks.get(symbol)
      if (mark === undefined || signedQuantity.isZero) continue
      const worth = mark.times(signedQuantity.abs())
      equity = equity.plus(signedQuantity.isPositive ? worth.minus(openCost) : openCost.minus(worth))
    }
    const state: AccountState = {
      account,
      sequence,
      known,
      reason: null,
      balances: [{ asset: 'USDT', free: cash.toString(), locked: '0', total: cash.toString() }],
      positions: [...positions.values()].map(positionMessage),
      openOrders: [...orders.values()]
        .filter((it) => !isFinal(it.state))
        .map((it) => ({ ...scriptedEvent(it, account, clock.now(), null), ...twisted.get(it.order.clientOrderId) })),
      ...(lastFillId === undefined ? {} : { lastFillId }),
      equityQuote: equity.toString(),
      quoteAsset: 'USDT',
      asOf: clock.now(),
    }
    accounts.publish(state, { occurredAt: clock.now() })
  }

  function cancelSiblings(scripted: ScriptedOrder): void {
    const { ocoGroup, clientOrderId } = scripted.order
    if (!oco || ocoGroup === null) return
    for (const other of orders.values()) {
      if (other.order.ocoGroup !== ocoGroup || other.order.clientOrderId === clientOrderId || isFinal(other.state))
        continue
      say(other, 'canceled', { code: 'exchange.order.oco-canceled', message: 'Its sibling came first.' })
    }
  }

  /** Books a fill whoever ordered it. */
  function book(fill: Fill): void {
    const before = positionOf(fill.symbol)
    const feeQuote = fill.feeAsset === 'USDT' ? decimal(fill.fee) : Decimal.zero
    const after = applyFill(before, {
      side: fill.side,
      price: decimal(fill.price),
      quantity: fill.feeAsset === 'USDT' ? decimal(fill.quantity) : decimal(fill.quantity).minus(decimal(fill.fee)),
      feeQuote,
      occurredAt: fill.occurredAt,
    })
    positions.set(fill.symbol, after)
    lastFillId = fill.fillId
    cash = cash.plus(after.realizedPnl.minus(before.realizedPnl)).minus(feeQuote)
    const tell = (): void => void fills.publish(fill, { occurredAt: clock.now() })
    if (fillLatencyMs === 0) tell()
    else clock.schedule(clock.now() + fillLatencyMs, tell)
    planAccount()
  }

  const exchange = {
    commands,
    orders,
    refusedSeals,
    /** Orders of a purpose that are not final, oldest first. */
    working: (purpose: OrderPurpose): readonly ScriptedOrder[] =>
      [...orders.values()].filter((it) => it.order.purpose === purpose && !isFinal(it.state)),
    position: (symbol: string): string => positionOf(symbol).signedQuantity.toString(),
    cash: (): string => cash.toString(),
    /** Quantity that rests as acknowledged stops. */
    resting: (symbol: string, purpose: OrderPurpose = 'stop'): Decimal =>
      exchange
        .working(purpose)
        .filter(
          (it) =>
            it.order.symbol === symbol &&
            ['accepted', 'triggered', 'partiallyFilled', 'pendingCancel'].includes(it.state),
        )
        .reduce((total, it) => total.plus(decimal(it.order.quantity)).minus(it.filled), Decimal.zero),
    start(): void {
      for (const instrument of options.instruments) exchange.instrument(instrument)
      publishAccount()
    },
    instrument(instrument: Instrument): void {
      instruments.publish(instrument, { occurredAt: clock.now() })
    },
    quote(symbol: string, bid: number, ask: number): void {
      marks.set(symbol, decimal(String((bid + ask) / 2)))
      const at = { occurredAt: clock.now() }
      feeds.publish(
        {
          symbol,
          state: 'live',
          code: 'market.feed.live',
          since: clock.now(),
          lastEventAt: clock.now(),
          refusedCount: 0,
          gapCount: 0,
        },
        at,
      )
      quotes.publish({ symbol, bid, ask, bidQuantity: 1, askQuantity: 1, occurredAt: clock.now() }, at)
    },
    account: publishAccount,
    setKnown(value: boolean): void {
      known = value
      publishAccount()
    },
    /** The next submits of this purpose are refused so. */
    refuseNext(purpose: OrderPurpose, ...reasons: readonly Reason[]): void {
      refusals.set(purpose, [...(refusals.get(purpose) ?? []), ...reasons])
    },
    /** Approvals of a lower epoch are refused from now on. */
    fence(epoch: number): void {
      leastEpoch = epoch
    },
    /** Every cancel is refused from now on, or obeyed again. */
    refuseCancels(value: boolean): void {
      refusesCancels = value
    },
    /** Commands go unanswered from now on, or are answered again. */
    answer(value: boolean): void {
      isAnswering = value
    },
    /** From now on fills are told so much later than the order events and the account state after them. */
    delayFills(ms: number): void {
      fillLatencyMs = ms
    },
    trigger(scripted: ScriptedOrder): void {
      say(scripted, 'triggered')
      cancelSiblings(scripted)
    },
    /** Executes part of an order, or all that is left of it. */
    fill(scripted: ScriptedOrder, price: string, quantity?: string): void {
      const { order } = scripted
      const rest = decimal(order.quantity).minus(scripted.filled)
      const part = quantity === undefined ? rest : decimal(quantity)
      if (scripted.filled.isZero) cancelSiblings(scripted)
      scripted.filled = scripted.filled.plus(part)
      tradeCount += 1
      const fee = part.times(decimal(options.feeBps ?? '10')).times(decimal('0.0001'))
      const isFromBought = options.feeFromBought === true && order.side === 'buy'
      book({
        account,
        fillId: `${order.symbol}.${tradeCount}`,
        clientOrderId: order.clientOrderId,
        exchangeOrderId: `x-${order.clientOrderId}`,
        symbol: order.symbol,
        side: order.side,
        purpose: order.purpose,
        intentId: order.intentId,
        price,
        quantity: part.toString(),
        fee: (isFromBought ? fee : fee.times(decimal(price))).toString(),
        feeAsset: isFromBought ? 'BTC' : 'USDT',
        liquidity: 'taker',
        inferred: false,
        occurredAt: clock.now(),
      })
      say(scripted, scripted.filled.equals(decimal(order.quantity)) ? 'filled' : 'partiallyFilled')
    },
    /** An order that was never answered for comes back with a fill, and nothing is left of it. */
    appear(order: Order, price: string, quantity: string): void {
      const cause = unanswered.get(order.clientOrderId)
      if (cause === undefined) throw new Error(`${order.clientOrderId} was answered for`)
      const scripted: ScriptedOrder = { order, state: 'initialized', filled: Decimal.zero, sequence: -1, cause }
      orders.set(order.clientOrderId, scripted)
      exchange.fill(scripted, price, quantity)
      if (!isFinal(scripted.state)) say(scripted, 'canceled')
    },
    /** Ends an order although nobody asked for it. */
    end(scripted: ScriptedOrder, state: 'canceled' | 'expired', reason: Reason | null = null): void {
      say(scripted, state, reason)
    },
    /** An order ends and nobody says so: only the list of what rests lacks it. */
    lose(scripted: ScriptedOrder): void {
      scripted.state = 'canceled'
      publishAccount()
    },
    /** The list of what rests says something else of an order than was ordered. */
    twist(scripted: ScriptedOrder, terms: Partial<OrderEvent>): void {
      twisted.set(scripted.order.clientOrderId, terms)
      publishAccount()
    },
    /** A cancel of an order is on its way, whoever has asked for it. */
    pend(scripted: ScriptedOrder): void {
      say(scripted, 'pendingCancel')
    },
    /** Nobody knows any more what became of an order. */
    doubt(scripted: ScriptedOrder): void {
      say(scripted, 'uncertain', { code: 'exchange.request.timeout', message: 'No reply.' })
    },
    /** Somebody else trades on the account. */
    strangerFill(symbol: string, side: 'buy' | 'sell', quantity: string, price: string): void {
      tradeCount += 1
      book({
        account,
        fillId: `${symbol}.${tradeCount}`,
        clientOrderId: `stranger-${tradeCount}`,
        exchangeOrderId: null,
        symbol,
        side,
        purpose: 'exit',
        intentId: 'stranger',
        price,
        quantity,
        fee: '0',
        feeAsset: 'USDT',
        liquidity: 'taker',
        inferred: false,
        occurredAt: clock.now(),
      })
    },
    /** Position and ledger change without any fill: somebody traded where nobody could see it. */
    vanish(symbol: string): void {
      positions.set(symbol, flatPosition(symbol))
      publishAccount()
    },
  }
  return exchange
}

export type ScriptedExchange = ReturnType<typeof createScriptedExchange>
