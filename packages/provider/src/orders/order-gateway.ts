import {
  type Bus,
  type Cause,
  type Clock,
  type Envelope,
  flow,
  type Journal,
  type LeaseRecord,
  type Log,
  type OrderCommand,
  type Reason,
  type TradingState,
  type Unsubscribe,
  type Verifier,
} from '@barfinex/core'
import type { Exchange } from '../exchanges/exchange.js'
import { ClaimCheck } from './claim-check.js'
import type { HandOver } from './hand-over.js'
import type { Incidents } from './incidents.js'
import { InspectorEpoch } from './inspector-epoch.js'
import type { InspectorWatch } from './inspector-watch.js'
import type { Ledger } from './ledger.js'
import { promisedSales } from './promised-sales.js'
import { type GatewayView, type Refusal, readCommand, refuseAction, refuseBelief } from './refuse-command.js'
import { isBusFull } from './telling.js'

export interface OrderGatewayOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly journal: Journal
  readonly verifier: Verifier
  readonly leases: LeaseRecord | null
  readonly exchange: Exchange
  readonly ledger: Ledger
  readonly inspector: InspectorWatch
  readonly handOver: HandOver
  readonly incidents: Incidents
  readonly priceOf: GatewayView['priceOf']
  readonly isCaughtUp: () => boolean
  /** Told of every entry just before it is sent. */
  readonly onEntry: (symbol: string) => void
}

/** Used approvals kept beyond this are those that have not expired; an expired one is refused for its age. */
const usualNonces = 10_000
const rememberedCommands = 20_000

/**
 * The way in to the exchange, and the only one: sealed commands. A sealed order that it refuses becomes an order event `denied` with
 * the reason. What nobody with the right to has sealed is an incident and nothing else: it must not take the place of
 * the order whose id it bears. What passes is in the journal before the first byte is sent, and is the very record that was judged.
 */
export class OrderGateway {
  private readonly used = new Map<string, number>()
  /** Commands that were judged: a bus that delivers one again after a crash is not an attack. */
  private readonly judged = new Set<string>()
  private readonly epoch = new InspectorEpoch()
  private readonly claims: ClaimCheck
  private isDraining = false
  private unsubscribes: Unsubscribe[] = []

  constructor(private readonly options: OrderGatewayOptions) {
    this.claims = new ClaimCheck({ ...options, account: options.exchange.account, epoch: this.epoch })
  }

  /** Takes back what a journal says about approvals that were used before a restart. */
  restore(commands: Iterable<OrderCommand>): void {
    for (const { commandId, approval } of commands) {
      this.epoch.learnSeal(approval.epoch)
      this.remember(approval.nonce, approval.expiresAt)
      this.judged.add(commandId)
    }
  }

  start(): void {
    const { bus, exchange } = this.options
    this.unsubscribes = [
      bus.subscribe(flow.tradingState, (envelope) => this.hear(envelope), { keys: [exchange.account] }),
      bus.subscribe(flow.orderCommand, (envelope) => this.take(envelope), { group: 'provider.orders' }),
    ]
  }

  /** From now on nothing new is opened. */
  drain(): void {
    this.isDraining = true
  }

  stop(): void {
    for (const unsubscribe of this.unsubscribes.splice(0)) unsubscribe()
    this.claims.stop()
  }

  private hear({ payload, epoch }: Envelope<TradingState>): void {
    this.epoch.learnWord(epoch, payload.state)
    this.claims.look()
  }

  private take(envelope: Envelope<OrderCommand>): void | Promise<void> {
    const { id, correlationId, payload } = envelope
    const cause: Cause = { id, correlationId }
    const read = readCommand(payload)
    if ('refusal' in read) {
      this.refuse(null, read.refusal, cause)
      return
    }
    const { command } = read
    if (this.judged.has(command.commandId)) return
    const disbelief = refuseBelief(command, this.view())
    // A forged command must not use up the id of the one that Inspector is about to give.
    if (disbelief?.kind !== 'forged') {
      this.judge(command.commandId)
      // From its first seal on a new Inspector is the one: what the one before it sealed is refused, and its own word counts.
      this.epoch.learnSeal(command.approval.epoch)
    }
    const refusal = disbelief ?? this.refuseSafely(command, cause)
    if (refusal !== null) {
      this.refuse(command, refusal, cause)
      return
    }
    const { nonce, expiresAt } = command.approval
    this.remember(nonce, expiresAt)
    // The command is in the journal by now: it must be there for good before anything leaves.
    return this.options.handOver.afterWrite(
      () => this.send(command, cause),
      () => this.refuseUnwritten(command, cause),
    )
  }

  /** What cannot be judged is not done, and is answered like any other no: delivered again it would count as judged. */
  private refuseSafely(command: OrderCommand, cause: Cause): Refusal | null {
    try {
      return refuseAction(command, this.view())
    } catch (error) {
      const message = `The command could not be judged: ${error instanceof Error ? error.message : String(error)}`
      const reason = { code: 'order.gateway.failed', message: message.slice(0, 500) }
      this.raise(reason, command.commandId, cause)
      return { kind: 'refused', reason }
    }
  }

  private judge(commandId: string): void {
    this.judged.add(commandId)
    if (this.judged.size > rememberedCommands) this.judged.delete(this.judged.values().next().value as string)
  }

  private send(command: OrderCommand, cause: Cause): void {
    const { handOver, onEntry } = this.options
    if (command.type === 'cancel') {
      handOver.cancel(command.clientOrderId, command.symbol)
      return
    }
    if (command.order.purpose === 'entry') onEntry(command.order.symbol)
    handOver.submit(command.order, cause)
  }

  /** `null`: it could not even be read. */
  private refuse(command: OrderCommand | null, { reason, kind }: Refusal, cause: Cause): void {
    const { ledger, incidents, log } = this.options
    log.warn('order command refused', { code: reason.code, commandId: command?.commandId ?? null })
    const order = command?.type === 'submit' ? command.order : null
    // An order that exists already has its own events; a refused copy of it must not speak in its name.
    if (order !== null && kind === 'refused' && ledger.find(order.clientOrderId) === undefined) {
      ledger.deny(order, reason, cause)
      return
    }
    const symbol = command === null ? null : command.type === 'submit' ? command.order.symbol : command.symbol
    incidents.raise(kind === 'forged' ? 'critical' : 'warning', reason, [cause.id], symbol, cause)
  }

  private refuseUnwritten(command: OrderCommand, cause: Cause): void {
    const reason = {
      code: 'order.gateway.journal-fault',
      message: 'The command could not be written to the journal. It is not sent.',
    }
    this.refuse(command, { reason, kind: 'refused' }, cause)
    this.raise(reason, cause.id, cause)
  }

  /** A bus that takes nothing must not keep the answer back: the command is judged, and would not be answered again. */
  private raise(reason: Reason, part: string, cause: Cause): void {
    const { incidents, log } = this.options
    try {
      incidents.raise('critical', reason, [part], null, cause)
    } catch (error) {
      if (!isBusFull(error)) throw error
      log.error(reason.message, { code: reason.code, error })
    }
  }

  private remember(nonce: string, expiresAt: number): void {
    this.used.set(nonce, expiresAt)
    if (this.used.size <= usualNonces || this.used.size % usualNonces !== 0) return
    const now = this.options.clock.now()
    for (const [known, until] of this.used) if (until <= now) this.used.delete(known)
  }

  private view(): GatewayView {
    const { clock, exchange, verifier, ledger, inspector, journal, priceOf } = this.options
    return {
      now: clock.now(),
      account: exchange.account,
      verifier,
      capabilities: exchange.capabilities,
      epoch: this.epoch.proven,
      claimedEpoch: this.epoch.claimed,
      isUsed: (nonce) => this.used.has(nonce),
      isKnownOrder: (clientOrderId) => ledger.find(clientOrderId) !== undefined,
      isInspectorHealthy: inspector.isHealthy,
      tradingState: this.epoch.tradingState,
      isAccountKnown: ledger.isKnown,
      isCaughtUp: this.options.isCaughtUp(),
      isDraining: this.isDraining,
      journalFault: journal.fault,
      rulesOf: ledger.rulesOf,
      promisedSales: (order) =>
        promisedSales(order, ledger.openOrders, ledger.unsettled, exchange.capabilities.oco, clock.now()),
      positionOf: (symbol) => ledger.money.position(symbol).signedQuantity,
      priceOf,
    }
  }
}
