import {
  brokenRules,
  type Cause,
  type Clock,
  Decimal,
  derivedId,
  type Log,
  type OperatorCommand,
  type Order,
  type Reason,
  roundQuantity,
} from '@barfinex/core'
import type { Exchange } from '../exchanges/exchange.js'
import { isCash } from './account-fold.js'
import type { HandOver } from './hand-over.js'
import type { Incidents } from './incidents.js'
import type { InspectorWatch } from './inspector-watch.js'
import type { Ledger } from './ledger.js'
import { isBusFull } from './telling.js'
import type { TrackedOrder } from './tracked-order.js'

export interface RetreatOptions {
  readonly clock: Clock
  readonly log: Log
  readonly exchange: Exchange
  readonly ledger: Ledger
  readonly handOver: HandOver
  readonly inspector: InspectorWatch
  readonly incidents: Incidents
  /** Newest price; `null` when there is none. */
  readonly priceOf: (symbol: string) => Decimal | null
}

/** What is taken back, and what is left. */
export interface Goal {
  /** The command's id, or another name of its own. */
  readonly id: string
  readonly cause: Cause | null
  /** When a person ordered it; `null` where nobody did. */
  readonly orderedAt: number | null
  /** Orders to take back. */
  readonly isTarget: (order: TrackedOrder) => boolean
  /** Positions to leave. */
  readonly isLeft: (symbol: string) => boolean
  /** Symbols that were flat since: what is opened there later is none of this goal's. */
  readonly settled: Set<string>
}

interface Running {
  readonly goal: Goal
  readonly begunAt: number
  /** Since when a symbol's orders stand in the way of its reduction. */
  readonly blockedSince: Map<string, number>
  turns: number
  reductions: number
  isStuck: boolean
  /** Symbols of which a person was told that too little is open to be taken off. */
  readonly dustTold: Set<string>
}

/** What the exchange asks of an order's size. */
const sizeRules: ReadonlySet<string> = new Set(['order.rule.min-quantity', 'order.rule.min-notional'])
const firstPauseMs = 250
const longestPauseMs = 5_000
/** A reduction waits so long for cancels nobody has answered; and a goal not reached by then is an incident. */
const patienceMs = 10_000

/** The goal that a person's command asks for; `since` is when it was taken up, and newer entries are none of its business. */
export function goalOf(command: OperatorCommand, cause: Cause | null, since: number, settled: Set<string>): Goal {
  const { type, symbol, commandId: id, clientOrderId, issuedAt: orderedAt } = command
  const isEntry = (it: TrackedOrder) => it.order.purpose === 'entry' && it.submittedAt <= since
  const isHere = (it: string) => symbol === null || it === symbol
  const base = { id, cause, orderedAt, settled, isLeft: () => false }
  switch (type) {
    case 'cancelOrder':
      return { ...base, isTarget: ({ order }) => order.clientOrderId === clientOrderId }
    case 'cancelEntries':
      return { ...base, isTarget: (it) => isEntry(it) && isHere(it.order.symbol) }
    case 'closePosition':
      return { ...base, isTarget: (it) => isEntry(it) && it.order.symbol === symbol, isLeft: (it) => it === symbol }
    case 'closeAll':
      return { ...base, isTarget: isEntry, isLeft: () => true }
    default:
      // Positions keep the protection that rests at the exchange; nothing new passes without an Inspector anyway.
      return { ...base, isTarget: isEntry }
  }
}

/**
 * Takes orders back and leaves positions by the ledger, and does not let go before it is done: what the exchange refuses is asked again,
 * after 250 ms and then more and more rarely, up to every 5 s. Can only cancel and reduce.
 */
export class Retreat {
  private readonly running = new Set<Running>()
  private isStopped = false

  constructor(private readonly options: RetreatOptions) {}

  stop(): void {
    this.isStopped = true
    this.running.clear()
  }

  begin(goal: Goal): void {
    const begunAt = this.options.clock.now()
    const running = {
      goal,
      begunAt,
      blockedSince: new Map(),
      turns: 0,
      reductions: 0,
      isStuck: false,
      dustTold: new Set<string>(),
    }
    this.running.add(running)
    this.turn(running)
  }

  /** Lets go of what people ordered up to an instant: one who lets trading go on has done with it. */
  release(until: number): void {
    for (const running of this.running) {
      const { orderedAt } = running.goal
      if (orderedAt !== null && orderedAt <= until) this.running.delete(running)
    }
  }

  /** Whether anything is left to do. */
  isOpen(goal: Goal): boolean {
    return this.targets(goal).length > 0 || this.positions(goal).length > 0
  }

  /** An entry is about to be sent: a symbol that is flat now, or holds too little to be taken off, has been left. */
  entering(symbol: string): void {
    for (const { goal } of this.running) this.settle(goal, symbol)
  }

  settle(goal: Pick<Goal, 'settled'>, symbol: string): void {
    const isLeft = this.reducible(symbol).isZero || this.dust(symbol) !== null
    if (isLeft && this.working(symbol).length === 0) goal.settled.add(symbol)
  }

  private open(symbol: string): Decimal {
    return this.options.ledger.money.position(symbol).signedQuantity
  }

  private working(symbol: string): readonly TrackedOrder[] {
    return this.options.ledger.openOrders.filter(({ order }) => order.symbol === symbol)
  }

  private targets(goal: Goal): readonly TrackedOrder[] {
    return this.options.ledger.openOrders.filter((it) => goal.isTarget(it))
  }

  private positions(goal: Goal): readonly string[] {
    return this.options.ledger.money
      .allPositions()
      .filter(({ symbol }) => goal.isLeft(symbol) && !goal.settled.has(symbol) && !this.reducible(symbol).isZero)
      .map(({ symbol }) => symbol)
  }

  /** Each turn is written first, then done; a turn that fails is tried again like one that was refused. */
  private turn(running: Running): void {
    const { handOver, log, clock } = this.options
    const { goal } = running
    const failed = (error: unknown) => {
      log.error('an act of last resort failed; it is tried again', { goal: goal.id, error })
      this.again(running)
    }
    const act = () => {
      if (this.isStopped || !this.running.has(running)) return
      try {
        if (this.advance(running)) this.running.delete(running)
        else this.again(running)
      } catch (error) {
        if (!isBusFull(error)) throw error
        failed(error)
      }
    }
    const written = handOver.afterWrite(act, failed)
    if (written !== undefined) void clock.hold(written)
  }

  private again(running: Running): void {
    if (this.isStopped || !this.running.has(running)) return
    const { clock } = this.options
    if (clock.now() - running.begunAt >= patienceMs) this.sayStuck(running)
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(running.turns, 10))
    running.turns += 1
    clock.schedule(clock.now() + pauseMs, () => {
      if (this.running.has(running)) this.turn(running)
    })
  }

  private sayStuck(running: Running): void {
    const isOnlyDust =
      this.targets(running.goal).length === 0 &&
      [...running.blockedSince.keys()].every((symbol) => this.dust(symbol) !== null)
    if (running.isStuck || isOnlyDust) return
    running.isStuck = true
    const { id, cause } = running.goal
    const message = `${id} is not done yet: orders still work or a position is still open. Look at the exchange; Provider tries on.`
    this.raise('critical', { code: 'order.last-resort.stuck', message }, [id], null, cause)
  }

  private raise(
    severity: 'critical' | 'warning',
    reason: Reason,
    parts: readonly string[],
    symbol: string | null,
    cause: Cause | null,
  ): void {
    const { incidents, log } = this.options
    try {
      incidents.raise(severity, reason, parts, symbol, cause ?? undefined)
    } catch (error) {
      if (!isBusFull(error)) throw error
      log.error(reason.message, { code: reason.code, error })
    }
  }

  /** One round; true when the goal is reached. */
  private advance(running: Running): boolean {
    const { goal } = running
    this.cancel(this.targets(goal))
    const leaving = new Set([...this.positions(goal), ...running.blockedSince.keys()])
    for (const symbol of leaving) this.leave(running, symbol)
    return running.blockedSince.size === 0 && !this.isOpen(goal)
  }

  private leave(running: Running, symbol: string): void {
    const { clock } = this.options
    const { blockedSince, goal } = running
    if (goal.settled.has(symbol)) {
      blockedSince.delete(symbol)
      return
    }
    const begunAt = blockedSince.get(symbol) ?? clock.now()
    blockedSince.set(symbol, begunAt)
    if (this.reducible(symbol).isZero) {
      // Out of it: what still rests there could only open anew.
      if (this.isFree(this.working(symbol), () => this.working(symbol), null)) {
        blockedSince.delete(symbol)
        goal.settled.add(symbol)
      }
      return
    }
    // What an order that has ended sold meanwhile must not be sold again: its fills are being fetched.
    if (this.options.ledger.unsettled.some(({ order }) => order.symbol === symbol)) return
    const dust = this.dust(symbol)
    if (dust !== null) {
      this.sayDust(running, symbol, dust)
      return
    }
    // The stop is the last to go: until then a cancel that is refused leaves the position protected.
    for (const isStopToo of [false, true]) {
      const blocking = () => this.blocking(symbol, isStopToo)
      if (!this.isFree(blocking(), blocking, begunAt)) return
    }
    if (this.working(symbol).some(({ order }) => order.purpose === 'exit')) return
    this.reduce(running, symbol)
  }

  /** Why the exchange would not take an order of what is open: too little by quantity or by value. `null` when it would. */
  private dust(symbol: string): Reason | null {
    const { ledger, priceOf } = this.options
    const rules = ledger.rulesOf(symbol)
    if (rules === undefined || this.reducible(symbol).isZero) return null
    const order = this.reduction('', symbol, 0)
    return brokenRules(rules, order, priceOf(symbol)).find(({ code }) => sizeRules.has(code)) ?? null
  }

  /** Nothing is sent until price or quantity make it enough. */
  private sayDust({ goal, dustTold }: Running, symbol: string, { message, ...measured }: Reason): void {
    if (dustTold.has(symbol)) return
    dustTold.add(symbol)
    const open = this.open(symbol)
    const reason: Reason = {
      ...measured,
      code: 'order.last-resort.dust',
      message: `${open} of ${symbol} is too little to be taken off. ${message} It is left until it is enough.`,
    }
    this.raise('warning', reason, [goal.id, symbol], symbol, goal.cause)
  }

  /** Cancels; true when nothing is left of it, or what is left was asked for long ago and nobody says what became of it. */
  private isFree(
    orders: readonly TrackedOrder[],
    left: () => readonly TrackedOrder[],
    begunAt: number | null,
  ): boolean {
    this.cancel(orders)
    const rest = left()
    if (rest.length === 0) return true
    const isOverdue = begunAt !== null && this.options.clock.now() - begunAt >= patienceMs
    return isOverdue && rest.every((it) => it.isCancelWanted)
  }

  /** What holds the position or would act against its reduction. An exit on its way does what is wanted. */
  private blocking(symbol: string, isStopToo: boolean): readonly TrackedOrder[] {
    const { inspector, exchange, ledger } = this.options
    const rules = ledger.rulesOf(symbol)
    const mayStay = exchange.capabilities.reduceOnly && rules !== undefined && !isCash(rules.instrument)
    return this.working(symbol).filter(({ order }) => {
      if (order.purpose === 'exit') return order.type !== 'market' && !inspector.isHealthy
      // A stop that can only reduce holds nothing back and cannot turn the position round.
      return order.purpose !== 'stop' || (isStopToo && !(mayStay && order.reduceOnly))
    })
  }

  private cancel(orders: readonly TrackedOrder[]): void {
    for (const { order, isCancelWanted } of orders) {
      if (!isCancelWanted) this.options.handOver.cancel(order.clientOrderId, order.symbol)
    }
  }

  /** What can be taken off at once: the open quantity on the grid, at most the largest order. */
  private reducible(symbol: string): Decimal {
    const rules = this.options.ledger.rulesOf(symbol)
    if (rules === undefined) return Decimal.zero
    const open = roundQuantity(rules, this.open(symbol).abs())
    const { maxQuantity } = rules
    return maxQuantity?.lessThan(open) === true ? roundQuantity(rules, maxQuantity) : open
  }

  private reduce(running: Running, symbol: string): void {
    const { ledger, handOver } = this.options
    const { id, cause } = running.goal
    const symbols = ledger.money.allPositions().map((it) => it.symbol)
    // Numbers are given once per goal, also over a restart.
    while (symbols.some((it) => ledger.find(reductionId(id, it, running.reductions)) !== undefined)) {
      running.reductions += 1
    }
    handOver.submit(this.reduction(id, symbol, running.reductions), cause)
  }

  /** A market order that takes off what is open and cannot do more. */
  private reduction(id: string, symbol: string, attempt: number): Order {
    const { capabilities } = this.options.exchange
    return {
      clientOrderId: reductionId(id, symbol, attempt),
      symbol,
      side: this.open(symbol).isPositive ? 'sell' : 'buy',
      type: 'market',
      quantity: this.reducible(symbol).toString(),
      limitPrice: null,
      triggerPrice: null,
      trailingBps: null,
      timeInForce: capabilities.timesInForce.includes('ioc') ? 'ioc' : 'gtc',
      reduceOnly: capabilities.reduceOnly,
      postOnly: false,
      ocoGroup: null,
      purpose: 'exit',
      intentId: id,
      attempt,
    }
  }
}

function reductionId(id: string, symbol: string, attempt: number): string {
  return derivedId('last-resort', id, symbol, String(attempt))
}
