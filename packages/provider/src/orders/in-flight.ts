import { type CancelTask, type Clock, decimal, isFinal, type Log, type OrderState } from '@barfinex/core'
import type { Exchange } from '../exchanges/exchange.js'
import type { Ledger } from './ledger.js'
import type { TrackedOrder } from './tracked-order.js'

export interface InFlightOptions {
  readonly clock: Clock
  readonly log: Log
  readonly exchange: Exchange
  readonly ledger: Ledger
  /** After so long without word of a submit or cancel the exchange's records are asked, in milliseconds. */
  readonly inFlightMs: number
  /**
   * An order counts as never arrived only when the exchange has said twice that it has no record of it, so long after it was
   * sent (after the start, when an earlier process sent it): the exchange's own validity window, its processing time and clock
   * error together. In milliseconds.
   */
  readonly absenceMs: number
}

interface Question {
  /** Asked at least once, whatever the ledger believes: something has spoken against it. */
  isDoubt: boolean
  /** Since when this process looks after it: it was sent no later than then, or by a process before this one. */
  readonly since: number
  attempts: number
  notFound: number
  cancel: CancelTask
}

const waiting: ReadonlySet<OrderState> = new Set(['submitted', 'pendingCancel', 'uncertain'])
/** When something speaks against the order, its record is asked for this soon, in milliseconds. */
const doubtMs = 250
/** Fills are asked for from this long before, in milliseconds: the exchange's clock differs from ours, and a fill counts once. */
export const overlapMs = 60_000
const firstRetryMs = 1_000
const longestRetryMs = 30_000

/**
 * Finds out what became of orders and cancels about which nothing was heard. Nothing is ever sent again: only the
 * exchange's own records decide, however long it takes.
 */
export class InFlight {
  private readonly questions = new Map<string, Question>()
  private isStopped = false
  /** True since a question could not be answered at all. */
  private isSilent = false

  constructor(private readonly options: InFlightOptions) {}

  /** An order or its cancel was sent: looks after it when `inFlightMs` have passed without word. */
  watch(clientOrderId: string): void {
    // An answer may have come while the request was handed over, and have left a doubt, which is sooner.
    if (this.questions.get(clientOrderId)?.isDoubt !== true) this.begin(clientOrderId, this.options.inFlightMs, false)
  }

  /** Its fate became unclear: looks soon. */
  doubt(clientOrderId: string): void {
    this.begin(clientOrderId, Math.min(doubtMs, this.options.inFlightMs), true)
  }

  /** The exchange answers again: what waited longer and longer meanwhile is asked now. */
  heard(): void {
    if (!this.isSilent || this.isStopped) return
    this.isSilent = false
    for (const [clientOrderId, question] of [...this.questions]) {
      question.attempts = 0
      this.plan(clientOrderId, question, doubtMs)
    }
  }

  stop(): void {
    this.isStopped = true
    for (const { cancel } of this.questions.values()) cancel()
    this.questions.clear()
  }

  /**
   * Asks the exchange's records about one order now and folds the answer. `absent` when they have none of it, `behind` when they
   * tell of more than the fills they show so far.
   */
  async look(clientOrderId: string): Promise<'known' | 'behind' | 'absent'> {
    const { exchange, ledger } = this.options
    const before = ledger.find(clientOrderId)
    if (before === undefined) return 'known'
    const { symbol } = before.order
    const record = await exchange.order(clientOrderId, symbol)
    if (record === null) return 'absent'
    const isBehind = () =>
      decimal(record.filledQuantity).greaterThan(ledger.find(clientOrderId)?.filled ?? before.filled)
    if (isBehind()) await this.backfill(symbol, before.submittedAt)
    // An order that ends must not end before its fills: what it was worth is told with its end.
    if (isBehind()) return 'behind'
    ledger.record(record)
    return 'known'
  }

  /** Fills since an instant of our clock that have not been counted yet. */
  async backfill(symbol: string, since: number): Promise<void> {
    const { exchange, ledger } = this.options
    for (const fill of await exchange.fills(symbol, Math.max(0, since - overlapMs))) ledger.report(fill)
  }

  private begin(clientOrderId: string, delayMs: number, isDoubt: boolean): void {
    const known = this.questions.get(clientOrderId)
    known?.cancel()
    const since = known?.since ?? this.options.clock.now()
    this.plan(clientOrderId, { isDoubt, since, attempts: 0, notFound: 0, cancel: () => {} }, delayMs)
  }

  private plan(clientOrderId: string, question: Question, delayMs: number): void {
    const { clock } = this.options
    question.cancel()
    question.cancel = clock.schedule(clock.now() + delayMs, () => {
      const order = this.options.ledger.find(clientOrderId)
      const isOpen = order !== undefined && (isInFlight(order) || (question.isDoubt && !isFinal(order.state)))
      if (!isOpen) this.questions.delete(clientOrderId)
      else void clock.hold(this.ask(clientOrderId, order, question))
    })
    this.questions.set(clientOrderId, question)
  }

  private async ask(clientOrderId: string, order: TrackedOrder, question: Question): Promise<void> {
    const { log } = this.options
    question.attempts += 1
    try {
      const answer = await this.look(clientOrderId)
      this.heard()
      const isFound = answer !== 'absent'
      question.isDoubt = answer === 'behind'
      question.notFound = isFound ? 0 : question.notFound + 1
      if (!isFound && question.notFound >= 2) await this.ruleOut(clientOrderId, order, question.since)
      if (isFound) this.judgeCancel(clientOrderId)
    } catch (error) {
      question.notFound = 0
      this.isSilent = true
      log.warn('the exchange could not say what became of an order', { clientOrderId, error })
    }
    // A newer question about the same order has taken over.
    if (this.isStopped || this.questions.get(clientOrderId) !== question) return
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.max(0, question.attempts - 1))
    this.plan(clientOrderId, question, this.notPast(question, delayMs))
  }

  /** An order nobody knows is asked for as soon as the answer can be final: headroom and protection wait for it. */
  private notPast({ notFound, since }: Question, delayMs: number): number {
    const { clock, absenceMs } = this.options
    const leftMs = since + absenceMs - clock.now()
    return notFound > 0 && leftMs > 0 ? Math.min(delayMs, Math.max(leftMs, firstRetryMs)) : delayMs
  }

  /** Nobody knows the order. It never arrived if its time has passed and no fill speaks of it. */
  private async ruleOut(clientOrderId: string, order: TrackedOrder, since: number): Promise<void> {
    const { clock, ledger, absenceMs } = this.options
    if (clock.now() - since < absenceMs) return
    await this.backfill(order.order.symbol, order.submittedAt)
    const now = ledger.find(clientOrderId)
    // What the exchange has acknowledged did arrive; records that do not show it lag, or lose what has ended.
    if (now === undefined || now.isAcknowledged || !now.filled.isZero || !waiting.has(now.state)) return
    ledger.absent(clientOrderId, {
      code: 'order.resolve.never-arrived',
      message: `The exchange has no record of the order ${Math.round((clock.now() - order.submittedAt) / 1_000)} s after it was sent.`,
    })
  }

  /** The order still rests although its cancel was sent long ago: the cancel was lost. */
  private judgeCancel(clientOrderId: string): void {
    const { clock, ledger, absenceMs } = this.options
    const order = ledger.find(clientOrderId)
    if (order?.state !== 'pendingCancel' || order.cancelAt === null) return
    if (clock.now() - order.cancelAt < absenceMs) return
    ledger.cancelLost(clientOrderId, {
      code: 'order.resolve.cancel-lost',
      message: 'The exchange still holds the order; its cancel never took effect.',
    })
  }
}

/**
 * Whether word must come soon: the order or its cancel is on its way, it cannot rest and has not ended, or its stop has fired.
 */
function isInFlight({ state, order }: TrackedOrder): boolean {
  if (isFinal(state)) return false
  if (waiting.has(state)) return true
  if (state === 'triggered') return order.type === 'stopMarket' || order.type === 'takeProfitMarket'
  return order.type === 'market' || order.timeInForce !== 'gtc'
}
