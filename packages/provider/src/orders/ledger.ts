import {
  type AccountState,
  type Bus,
  balanceStates,
  type CancelTask,
  type Cause,
  type Clock,
  Decimal,
  type Fill,
  flow,
  type Instrument,
  type InstrumentRules,
  isFinal,
  type Log,
  type Order,
  positionMessage,
  type Reason,
} from '@barfinex/core'
import type { ExchangeReport, OrderRecord } from '../exchanges/exchange.js'
import type { Marks } from '../market/marks.js'
import { AccountFold } from './account-fold.js'
import { OrderCount } from './order-count.js'
import { promisedFunds } from './promised-funds.js'
import { Telling } from './telling.js'
import {
  cancelFailed,
  cancelWanted,
  denied,
  eventOf,
  initialized,
  lostThere,
  neverArrived,
  submitted,
  type TrackedOrder,
  withFill,
  withRecord,
  withReport,
} from './tracked-order.js'

export interface LedgerOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly epoch: number
  readonly account: string
  readonly quoteAsset: string
  readonly instruments: readonly Instrument[]
  readonly marks: Marks
}

/** Final orders kept, so that what comes late or twice is recognised. */
const rememberedOrders = 20_000

/** The fills of an order that has ended are counted by then, or its end told of too many; in milliseconds. */
const awaitFillsMs = 60_000

/**
 * The one truth about the account: orders, fills, balances, positions. What changes is said at once as order events and fills;
 * the account as a whole is said at most once per instant.
 */
export class Ledger {
  readonly money: AccountFold
  private readonly orders = new Map<string, TrackedOrder>()
  private readonly open = new Map<string, TrackedOrder>()
  private readonly done = new Set<string>()
  /** Orders that have ended with more executed than their fills show, and until when that counts. */
  private readonly awaited = new Map<string, number>()
  private readonly count: OrderCount
  private readonly events
  private readonly fills
  private readonly accounts
  private readonly telling: Telling
  private known = false
  private unknownReason: Reason | null = {
    code: 'order.account.not-reconciled',
    message: 'The account has not been compared with the exchange yet.',
  }
  private sequence: number
  /** Whether the account was last said without the worth of something held. */
  private isUnpriced = false
  /** Takes the planned message back; `null` when none is planned. */
  private planned: CancelTask | null = null
  /** Counts every change, so that a comparison with the exchange can see that something happened meanwhile. */
  changeCount = 0

  constructor(private readonly options: LedgerOptions) {
    const { bus, epoch } = options
    options.marks.onFirstPrice = () => {
      if (this.isUnpriced) this.touch()
    }
    this.telling = new Telling(options)
    // Beginning at the time, numbers go on counting up over a restart.
    this.sequence = options.clock.now()
    this.money = new AccountFold(options.quoteAsset, options.instruments)
    this.count = new OrderCount((clientOrderId) => {
      const order = this.orders.get(clientOrderId)
      return order !== undefined && isFinal(order.state) && order.filled.isZero
    })
    this.events = bus.publisher(flow.orderEvent, 'provider', epoch)
    this.fills = bus.publisher(flow.fill, 'provider', epoch)
    this.accounts = bus.publisher(flow.account, 'provider', epoch)
  }

  find(clientOrderId: string): TrackedOrder | undefined {
    return this.orders.get(clientOrderId)
  }

  /** Orders sent beyond one per intent, purpose and attempt. */
  get duplicateCount(): number {
    return this.count.duplicates
  }

  /** Orders that are not final, oldest first. */
  get openOrders(): readonly TrackedOrder[] {
    return [...this.open.values()]
  }

  /** Orders that have ended with more executed, by the exchange's word, than the fills that are counted; each for a minute at most. */
  get unsettled(): readonly TrackedOrder[] {
    const now = this.options.clock.now()
    return [...this.awaited].flatMap(([clientOrderId, until]) => {
      const order = this.orders.get(clientOrderId)
      if (order !== undefined && now < until) return [order]
      this.awaited.delete(clientOrderId)
      return []
    })
  }

  get isKnown(): boolean {
    return this.known
  }

  get rulesOf(): (symbol: string) => InstrumentRules | undefined {
    return (symbol) => this.money.rulesOf(symbol)
  }

  /** An order goes out now. False when the bus does not take that: it is told later. */
  submit(order: Order, cause: Cause | null): boolean {
    const { account, clock } = this.options
    this.count.add(order)
    return this.say(null, submitted(initialized(account, order, cause, clock.now())))
  }

  /** An order is not sent. */
  deny(order: Order, reason: Reason, cause: Cause | null): void {
    const { account, clock } = this.options
    const before = this.orders.get(order.clientOrderId) ?? initialized(account, order, cause, clock.now())
    this.say(null, denied(before, reason))
  }

  wantCancel(clientOrderId: string): void {
    this.change(clientOrderId, (order) => cancelWanted(order, this.options.clock.now()))
  }

  /** Folds what the exchange says. False when it speaks of an order that is not ours. */
  report(report: ExchangeReport): boolean {
    const before = this.orders.get(report.clientOrderId)
    if (before === undefined) return false
    if (report.type === 'fill') this.fill(before, report)
    else if (report.type === 'cancelRejected') {
      this.say(before, cancelFailed(before, report.reason, report.occurredAt))
    } else this.say(before, withReport(before, report))
    return true
  }

  /** Folds the exchange's own record of an order. */
  record(record: OrderRecord): void {
    this.change(record.clientOrderId, (order) => withRecord(order, record))
  }

  /** The exchange's records rule out that the order ever arrived. */
  absent(clientOrderId: string, reason: Reason): void {
    this.change(clientOrderId, (order) => neverArrived(order, reason, this.options.clock.now()))
  }

  /** The exchange has acknowledged the order and does not know it any more. */
  forgotten(clientOrderId: string, reason: Reason): void {
    this.change(clientOrderId, (order) => lostThere(order, reason, this.options.clock.now()))
  }

  /** The exchange's records show that a cancel came to nothing. */
  cancelLost(clientOrderId: string, reason: Reason): void {
    this.change(clientOrderId, (order) => cancelFailed(order, reason, this.options.clock.now()))
  }

  /** Puts back what a journal says, without saying it again. */
  restore(orders: Iterable<TrackedOrder>, fills: Iterable<Fill>): void {
    for (const order of orders) {
      this.keep(order)
      if (order.state !== 'denied') this.count.add(order.order)
    }
    for (const fill of fills) this.money.add(fill)
    this.touch()
  }

  /** Whether the account may be relied upon; a change is said. */
  setKnown(known: boolean, reason: Reason | null): void {
    if (known === this.known && reason?.code === this.unknownReason?.code) return
    this.known = known
    this.unknownReason = reason
    this.touch()
  }

  /** Plans to say the account at the end of this instant. */
  touch(): void {
    this.changeCount += 1
    if (this.planned !== null) return
    const { clock } = this.options
    this.planned = clock.schedule(clock.now(), () => this.publish())
  }

  /** Says the account now. */
  publish(): void {
    this.planned?.()
    this.planned = null
    this.sequence += 1
    const state = this.state()
    this.isUnpriced = state.unpriced !== undefined
    // Behind the events that made it so.
    this.telling.tell(() => this.accounts.publish(state, { occurredAt: state.asOf }), 'account')
  }

  /** Says what is still to be said; nothing is planned any more. */
  settle(): void {
    if (this.planned !== null) this.publish()
    this.telling.stop()
  }

  state(): AccountState {
    const { account, quoteAsset, marks, clock } = this.options
    const priceOf = (symbol: string) => {
      const price = marks.price(symbol)
      // Twelve digits: the middle of two floats has noise behind them that no market ever quoted.
      return price === null ? null : Decimal.fromNumber(Number(price.toPrecision(12)))
    }
    const unpriced = this.money.unpriced(priceOf)
    const { lastFillId } = this.money
    return {
      account,
      sequence: this.sequence,
      known: this.known,
      reason: this.unknownReason,
      balances: balanceStates(this.money.balances(promisedFunds(this.open.values(), this.rulesOf))),
      positions: this.money.allPositions().map(positionMessage),
      openOrders: this.openOrders.map(eventOf),
      ...(lastFillId === null ? {} : { lastFillId }),
      equityQuote: this.money.equity(priceOf).toString(),
      ...(unpriced.length === 0 ? {} : { unpriced }),
      quoteAsset,
      asOf: clock.now(),
    }
  }

  private fill(before: TrackedOrder, report: Extract<ExchangeReport, { type: 'fill' }>): void {
    const { order } = before
    const fill: Fill = {
      account: before.account,
      fillId: `${report.symbol}.${report.tradeId}`,
      clientOrderId: report.clientOrderId,
      exchangeOrderId: report.exchangeOrderId,
      symbol: report.symbol,
      side: order.side,
      purpose: order.purpose,
      intentId: order.intentId,
      price: report.price,
      quantity: report.quantity,
      fee: report.fee,
      feeAsset: report.feeAsset,
      liquidity: report.liquidity,
      inferred: false,
      occurredAt: report.occurredAt,
    }
    if (!this.money.add(fill)) return
    const how = this.causedBy(before)
    this.telling.tell(() => this.fills.publish(fill, how))
    this.say(before, withFill(before, report))
    this.touch()
  }

  private change(clientOrderId: string, fold: (order: TrackedOrder) => TrackedOrder): void {
    const before = this.orders.get(clientOrderId)
    if (before !== undefined) this.say(before, fold(before))
  }

  /** Keeps the order as it is now and says what is new about it; false when that has to wait. */
  private say(before: TrackedOrder | null, after: TrackedOrder): boolean {
    if (after === before) return true
    this.keep(after)
    if (after.eventCount === (before?.eventCount ?? 0)) return true
    const how = this.causedBy(after)
    const isTold = this.telling.tell(() => this.events.publish(eventOf(after), how))
    this.touch()
    return isTold
  }

  private causedBy(order: TrackedOrder) {
    const occurredAt = this.options.clock.now()
    return order.cause === null ? { occurredAt } : { occurredAt, cause: order.cause }
  }

  private keep(order: TrackedOrder): void {
    const { clientOrderId } = order.order
    this.orders.set(clientOrderId, order)
    if (!isFinal(order.state)) {
      this.open.set(clientOrderId, order)
      return
    }
    this.open.delete(clientOrderId)
    if (!order.reported.greaterThan(order.filled)) this.awaited.delete(clientOrderId)
    else if (!this.awaited.has(clientOrderId)) this.awaited.set(clientOrderId, this.options.clock.now() + awaitFillsMs)
    this.done.add(clientOrderId)
    if (this.done.size <= rememberedOrders) return
    for (const oldest of this.done) {
      this.done.delete(oldest)
      this.orders.delete(oldest)
      break
    }
  }
}
