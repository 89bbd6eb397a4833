import {
  type AccountState,
  type Cause,
  Decimal,
  firstWords,
  type Instrument,
  type OperatorCommand,
  queries,
  type Reason,
  type Runtime,
  type Unsubscribe,
} from '@barfinex/core'
import type { Exchange, ExchangeReport } from '../exchanges/exchange.js'
import type { Marks } from '../market/marks.js'
import { type Audit, audit } from './audit.js'
import type { Difference } from './compare-account.js'
import { HandOver } from './hand-over.js'
import { InFlight } from './in-flight.js'
import { Incidents } from './incidents.js'
import { InspectorWatch } from './inspector-watch.js'
import { LastResort } from './last-resort.js'
import { LateFills } from './late-fills.js'
import { Ledger } from './ledger.js'
import { OrderGateway } from './order-gateway.js'
import { type MismatchPolicy, Reconcile } from './reconcile.js'
import { restore } from './restore.js'

export interface OrdersOptions {
  readonly runtime: Runtime
  readonly exchange: Exchange
  readonly instruments: readonly Instrument[]
  readonly marks: Marks
  readonly inFlightMs: number
  readonly absenceMs: number
  readonly openOrdersMs: number
  readonly positionsMs: number
  readonly equityEveryMs: number
  readonly deadManMs: number | null
  readonly mismatch: MismatchPolicy
}

/** Provider's order half: gateway, ledger and reconciliation of one account. */
export class Orders {
  readonly ledger: Ledger
  private readonly gateway: OrderGateway
  private readonly inFlight: InFlight
  private readonly lateFills: LateFills
  private readonly reconcile: Reconcile
  private readonly inspector: InspectorWatch
  private readonly lastResort: LastResort
  private readonly incidents: Incidents
  /** Orders the exchange spoke of that are not ours. */
  private readonly foreign = new Set<string>()
  private readonly unsubscribes: Unsubscribe[] = []

  constructor(private readonly options: OrdersOptions) {
    const { runtime, exchange, marks } = options
    const { bus, clock, log, journal, epoch, heartbeatMs, approvals, leases } = runtime
    const base = { bus, clock, log, journal, exchange }
    this.incidents = new Incidents(bus, clock, epoch)
    this.ledger = new Ledger({
      ...options,
      bus,
      clock,
      log,
      epoch,
      account: exchange.account,
      quoteAsset: exchange.quoteAsset,
    })
    const { ledger, incidents } = this
    this.inFlight = new InFlight({ ...options, clock, log, exchange, ledger })
    const { inFlight } = this
    this.lateFills = new LateFills({ clock, log, ledger, inFlight })
    this.reconcile = new Reconcile({ ...options, ...base, ledger, inFlight, incidents, policy: options.mismatch })
    this.inspector = new InspectorWatch(bus, clock, heartbeatMs)
    const { inspector } = this
    const handOver = new HandOver({ ...base, ledger, inFlight })
    const priceOf = (symbol: string) => {
      const price = marks.price(symbol)
      return price === null ? null : Decimal.fromNumber(price)
    }
    this.lastResort = new LastResort({ ...options, ...base, ledger, handOver, inspector, incidents, priceOf })
    this.gateway = new OrderGateway({
      ...base,
      verifier: approvals.verifier,
      leases,
      ledger,
      inspector,
      handOver,
      incidents,
      priceOf,
      isCaughtUp: () => this.reconcile.isCaughtUp,
      onEntry: (symbol) => this.lastResort.entering(symbol),
    })
  }

  /** Takes up what earlier starts left, compares with the exchange, and begins to listen; nothing is opened by itself. */
  async prepare(): Promise<void> {
    const { runtime, exchange } = this.options
    const { bus, clock, journal } = runtime
    const { ledger, gateway, inFlight } = this
    const past = await restore(journal, exchange.account, runtime.approvals.verifier)
    ledger.restore(past.orders, past.fills)
    gateway.restore(past.commands)
    exchange.report(
      (report) => this.report(report),
      (reason) => this.doubt(reason),
    )
    await this.reconcile.settleAtStart(() => this.catchUp(past.lastAt))
    for (const { order } of ledger.openOrders) inFlight.watch(order.clientOrderId)
    this.inspector.start()
    gateway.start()
    // Where trading stands was said before this start: it counts before the first command does.
    await firstWords(bus)
    this.lastResort.start(past.acts)
    this.unsubscribes.push(
      bus.respond(queries.account, () => ledger.state()),
      clock.every(this.options.equityEveryMs, () => {
        // Prices move what is open; without a position the account changes only by fills.
        if (ledger.money.allPositions().some((it) => !it.signedQuantity.isZero)) ledger.touch()
      }),
    )
    this.reconcile.start()
    ledger.publish()
  }

  account(): AccountState {
    return this.ledger.state()
  }

  /** Compares with the exchange now. */
  check(): Promise<readonly Difference[]> {
    return this.reconcile.check()
  }

  /** A person's command, straight from the gateway: the bus may be away. */
  obeyAlone(command: OperatorCommand, cause: Cause | null, isAway: boolean): void {
    this.lastResort.obeyAlone(command, cause, isAway)
  }

  audit(): Promise<Audit> {
    return this.options.runtime.clock.hold(audit(this.ledger, this.reconcile, this.foreign))
  }

  drain(): void {
    this.gateway.drain()
  }

  stop(): void {
    for (const unsubscribe of this.unsubscribes.splice(0)) unsubscribe()
    this.gateway.stop()
    this.lastResort.stop()
    this.reconcile.stop()
    this.inFlight.stop()
    this.lateFills.stop()
    this.inspector.stop()
    this.ledger.settle()
  }

  /** What happened while nobody listened: fills first, then the fate of every order that was open. */
  private async catchUp(lastAt: number | null): Promise<void> {
    if (lastAt === null) return
    const { ledger, inFlight } = this
    const open = ledger.openOrders
    const since = Math.min(lastAt, ...open.map((it) => it.submittedAt))
    for (const { symbol } of this.options.instruments) await inFlight.backfill(symbol, since)
    for (const { order } of open) await inFlight.look(order.clientOrderId)
  }

  /** Reports may be missing: what they said is in the exchange's records. */
  private doubt(reason: Reason): void {
    this.options.runtime.log.warn('reports of the exchange may be missing', { code: reason.code, why: reason.message })
    this.reconcile.checkAnew().catch(() => {})
  }

  /** Where the exchange ends the others of a group itself, they end now: if that is not said soon, it is asked for. */
  private doubtSiblings(clientOrderId: string): void {
    const { ledger, inFlight } = this
    const group = this.options.exchange.capabilities.oco ? ledger.find(clientOrderId)?.order.ocoGroup : null
    if (group == null) return
    for (const { order } of ledger.openOrders) {
      if (order.ocoGroup === group && order.clientOrderId !== clientOrderId) inFlight.doubt(order.clientOrderId)
    }
  }

  private report(report: ExchangeReport): void {
    if (this.ledger.report(report)) {
      if (report.type === 'uncertain' || report.type === 'cancelRejected') this.inFlight.doubt(report.clientOrderId)
      else if (report.type === 'fill' || report.type === 'triggered') this.doubtSiblings(report.clientOrderId)
      else this.lateFills.seek(report.clientOrderId)
      return
    }
    this.foreign.add(report.clientOrderId)
    const { clientOrderId, symbol } = report
    this.incidents.raise(
      'warning',
      { code: 'order.report.foreign', message: `The exchange speaks of order ${clientOrderId}, which is not ours.` },
      [clientOrderId],
      symbol,
    )
  }
}
