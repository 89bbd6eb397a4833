import { BarfinexError, type CancelTask, type Clock, Decimal, decimal, type Log, type Reason } from '@barfinex/core'
import type { AccountSnapshot, Exchange } from '../exchanges/exchange.js'
import { isCash } from './account-fold.js'
import { compareAccount, type Difference } from './compare-account.js'
import { ForgottenOrders } from './forgotten-orders.js'
import { type InFlight, overlapMs } from './in-flight.js'
import type { Incidents } from './incidents.js'
import type { Ledger } from './ledger.js'

/**
 * What to do with orders and positions at the exchange that are not ours, and with money that came or went by other ways.
 * `halt`: nothing is opened until they agree again. `adopt`: the exchange's numbers become ours; foreign orders are left alone.
 * `ignore`: say so and go on.
 */
export type MismatchPolicy = 'halt' | 'adopt' | 'ignore'

export interface ReconcileOptions {
  readonly clock: Clock
  readonly log: Log
  readonly exchange: Exchange
  readonly ledger: Ledger
  readonly inFlight: InFlight
  readonly incidents: Incidents
  readonly policy: MismatchPolicy
  /** So long after an order was sent the exchange's records show it, in milliseconds. */
  readonly absenceMs: number
  /** While orders or positions are open, in milliseconds. */
  readonly openOrdersMs: number
  /** Always, in milliseconds. */
  readonly positionsMs: number
}

/** A difference counts when it has been there so many times in a row, so far apart: reports may still be on their way. */
const confirmations = 3
const confirmEveryMs = 1_000

/** So often it is tried to see the account while nothing happens to it. */
const steadyAttempts = 5

/** Compares the ledger with the exchange: at the start, on the clock, and whenever asked. */
export class Reconcile {
  private timers: CancelTask[] = []
  private confirmation: CancelTask | null = null
  /** What a person has been told of already. */
  private readonly told = new Set<string>()
  private readonly forgotten: ForgottenOrders
  private running: Promise<readonly Difference[]> | null = null
  private strikes = 0
  private agreedAt: number
  private isStopped = false
  /** False until what happened before this start has been fetched: fills and ends of orders that the ledger does not know of yet. */
  isCaughtUp = false
  /** Fetches what came before the first comparison; `null` once its balances have been taken over. */
  private opening: (() => Promise<void>) | null = null

  constructor(private readonly options: ReconcileOptions) {
    this.agreedAt = options.clock.now()
    this.forgotten = new ForgottenOrders(options)
  }

  start(): void {
    const { clock, ledger, openOrdersMs, positionsMs } = this.options
    this.timers = [
      clock.every(positionsMs, () => this.tick()),
      clock.every(openOrdersMs, () => {
        const isAtRisk =
          ledger.openOrders.length > 0 || ledger.money.allPositions().some((it) => !it.signedQuantity.isZero)
        if (isAtRisk || !ledger.isKnown) this.tick()
      }),
    ]
  }

  stop(): void {
    this.isStopped = true
    for (const cancel of this.timers.splice(0)) cancel()
    this.confirmation?.()
  }

  /** One comparison with its consequences; a second one meanwhile is the same one. Rejects when the account cannot be read. */
  check(): Promise<readonly Difference[]> {
    this.running ??= this.options.clock.hold(
      this.compare().finally(() => {
        this.running = null
      }),
    )
    return this.running
  }

  /** One comparison with what the exchange says from now on: what one under way has read is too old. */
  checkAnew(): Promise<readonly Difference[]> {
    const { running } = this
    if (running === null) return this.check()
    return running.then(
      () => this.check(),
      () => this.check(),
    )
  }

  /** A check on the clock; what goes wrong has been said by then. */
  private tick(): void {
    this.check().catch(() => {})
  }

  private async compare(): Promise<readonly Difference[]> {
    try {
      const differences = await this.differences()
      this.options.inFlight.heard()
      if (!this.isStopped) await this.judge(differences)
      return differences
    } catch (error) {
      if (!this.isStopped) this.lose(error)
      throw error
    }
  }

  /** An account that cannot be read is unknown, not empty. */
  private lose(error: unknown): void {
    const { ledger, log } = this.options
    log.warn('the account could not be read from the exchange', { error })
    ledger.setKnown(false, {
      code: 'order.reconcile.unreachable',
      message: `The exchange does not show the account: ${textOf(error)}`.slice(0, 500),
    })
  }

  private async judge(differences: readonly Difference[]): Promise<void> {
    const { ledger, clock } = this.options
    if (differences.length === 0) {
      this.strikes = 0
      this.told.clear()
      this.agreedAt = clock.now()
      ledger.setKnown(true, null)
      return
    }
    this.strikes += 1
    if (this.strikes >= confirmations) return this.conclude(differences)
    this.confirmation?.()
    this.confirmation = clock.schedule(clock.now() + confirmEveryMs, () => this.tick())
  }

  /** What still differs after fills and orders that were not reported have been fetched. Throws when the exchange is silent. */
  async differences(): Promise<readonly Difference[]> {
    await this.open()
    const snapshot = await this.options.exchange.snapshot()
    const first = this.against(snapshot)
    if (first.length > 0) await this.heal(first)
    await this.forgotten.seek(snapshot)
    if (first.length === 0) return first
    return this.against(await this.options.exchange.snapshot())
  }

  /**
   * The first comparison. Balances are the exchange's: what they differ by from our fills was there before us. Nothing is on its
   * way yet, so everything else that differs counts at once. `catchUp` fetches what happened while nobody listened. Where
   * the exchange is silent the account stays unknown, and later comparisons begin here.
   */
  async settleAtStart(catchUp: () => Promise<void>): Promise<void> {
    this.opening = catchUp
    this.strikes = confirmations
    await this.check().catch(() => {})
    this.strikes = 0
  }

  private async open(): Promise<void> {
    if (this.opening === null) return
    await this.opening()
    this.isCaughtUp = true
    const snapshot = await this.steadySnapshot()
    this.options.ledger.money.adoptTotals(totalsOf(snapshot))
    this.opening = null
  }

  /**
   * A snapshot between which and the ledger nothing is on its way: every fill in its balances has been counted, and no other. It
   * is only sure when the balances stood still while fills were fetched, and the ledger while the snapshot came.
   */
  private async steadySnapshot(): Promise<AccountSnapshot> {
    const { exchange, ledger, inFlight } = this.options
    let before = await exchange.snapshot()
    for (let attempt = 0; attempt < steadyAttempts; attempt += 1) {
      for (const symbol of ledger.money.symbols) await inFlight.backfill(symbol, this.agreedAt)
      await this.fetchPayments()
      const counted = ledger.changeCount
      const after = await exchange.snapshot()
      if (ledger.changeCount === counted && isSameMoney(before, after)) return after
      before = after
    }
    throw new BarfinexError('exchange.unavailable', 'The account moves too fast to be taken over; it is tried again.', {
      retryable: true,
    })
  }

  private against(snapshot: AccountSnapshot): readonly Difference[] {
    const { ledger } = this.options
    return compareAccount(
      {
        totals: ledger.money.totals(),
        contracts: ledger.money.allPositions().filter((it) => {
          const instrument = ledger.rulesOf(it.symbol)?.instrument
          return instrument !== undefined && !isCash(instrument)
        }),
        openOrders: ledger.openOrders,
        isKnownOrder: (clientOrderId) => ledger.find(clientOrderId) !== undefined,
        knowsReduceOnly: (symbol) => {
          const instrument = ledger.rulesOf(symbol)?.instrument
          return instrument !== undefined && !isCash(instrument)
        },
      },
      snapshot,
    )
  }

  /** Fetches fills that nobody told us of, and looks up every order in doubt. */
  private async heal(differences: readonly Difference[]): Promise<void> {
    const { ledger, inFlight } = this.options
    const symbols = new Set([
      ...differences.flatMap((it) => (it.symbol === null ? [] : [it.symbol])),
      ...ledger.openOrders.map((it) => it.order.symbol),
      ...ledger.money.allPositions().map((it) => it.symbol),
    ])
    for (const symbol of symbols) await inFlight.backfill(symbol, this.agreedAt)
    if (differences.some(({ kind }) => kind === 'balance')) await this.fetchPayments()
    for (const { kind, key } of differences) {
      if (kind === 'order-fill') await inFlight.look(key)
    }
  }

  /** Funding and the like since the newest comparison that agreed. */
  private async fetchPayments(): Promise<void> {
    const { exchange, ledger } = this.options
    const payments = (await exchange.payments?.(Math.max(0, this.agreedAt - overlapMs))) ?? []
    let isNews = false
    for (const payment of payments) isNews = ledger.money.pay(payment) || isNews
    if (isNews) ledger.touch()
  }

  private async conclude(differences: readonly Difference[]): Promise<void> {
    const { ledger, incidents, policy, clock, log } = this.options
    const first = differences[0] as Difference
    const reason: Reason = {
      code: `order.reconcile.${first.kind}`,
      message: `${differences.length} differences to the exchange; ${first.kind} ${first.key}: ours ${first.ours}, theirs ${first.theirs}.`,
      limit: first.theirs,
      observed: first.ours,
    }
    const news = differences.map((it) => `${it.kind} ${it.key}`).filter((it) => !this.told.has(it))
    if (news.length > 0) {
      for (const it of news) this.told.add(it)
      log.warn('ledger and exchange differ', { policy, differences })
      const severity = policy === 'halt' ? 'critical' : 'warning'
      incidents.raise(severity, reason, [String(clock.now()), ...news], first.symbol)
    }
    if (policy === 'halt') {
      ledger.setKnown(false, reason)
      return
    }
    this.strikes = 0
    if (policy === 'adopt') {
      this.adopt(await this.steadySnapshot())
      this.agreedAt = clock.now()
    }
    ledger.setKnown(true, null)
  }

  /** The exchange's numbers become ours. */
  private adopt(snapshot: AccountSnapshot): void {
    const { ledger, clock } = this.options
    const now = clock.now()
    const reported = new Map(snapshot.positions.map((it) => [it.symbol, it]))
    const totals = totalsOf(snapshot)
    for (const position of ledger.money.allPositions()) {
      const instrument = ledger.rulesOf(position.symbol)?.instrument
      if (instrument === undefined) continue
      if (isCash(instrument)) {
        // What is not there any more cannot be a position.
        const held = totals.get(instrument.base) ?? Decimal.zero
        if (position.signedQuantity.greaterThan(held))
          ledger.money.adoptPosition(position.symbol, held, averageOf(position), now)
      } else if (!reported.has(position.symbol) && !position.signedQuantity.isZero) {
        ledger.money.adoptPosition(position.symbol, Decimal.zero, null, now)
      }
    }
    for (const { symbol, side, quantity, averagePrice } of snapshot.positions) {
      const signed = side === 'short' ? decimal(quantity).negated() : decimal(quantity)
      if (ledger.money.position(symbol).signedQuantity.equals(signed)) continue
      ledger.money.adoptPosition(symbol, signed, decimal(averagePrice), now)
    }
    ledger.money.adoptTotals(totals)
    ledger.touch()
  }
}

function totalsOf({ balances }: AccountSnapshot): ReadonlyMap<string, Decimal> {
  return new Map(balances.map((it) => [it.asset, decimal(it.total)]))
}

function isSameMoney(a: AccountSnapshot, b: AccountSnapshot): boolean {
  const theirs = totalsOf(b)
  return (
    a.balances.length === b.balances.length &&
    a.balances.every(({ asset, total }) => theirs.get(asset)?.equals(decimal(total)) === true)
  )
}

function averageOf({ openCost, signedQuantity }: { openCost: Decimal; signedQuantity: Decimal }): Decimal {
  return openCost.dividedBy(signedQuantity.abs(), 12, 'halfEven')
}

function textOf(error: unknown): string {
  return BarfinexError.is(error)
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? error.message
      : String(error)
}
