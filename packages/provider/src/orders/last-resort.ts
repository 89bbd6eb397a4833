import {
  type Bus,
  type CancelTask,
  type Cause,
  type Clock,
  derivedId,
  flow,
  type OperatorCommand,
  type Order,
  type Reason,
  roundQuantity,
  type Unsubscribe,
} from '@barfinex/core'
import type { Exchange } from '../exchanges/exchange.js'
import type { HandOver } from './hand-over.js'
import type { Incidents } from './incidents.js'
import type { InspectorWatch } from './inspector-watch.js'
import type { Ledger } from './ledger.js'

export interface LastResortOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly exchange: Exchange
  readonly ledger: Ledger
  readonly handOver: HandOver
  readonly inspector: InspectorWatch
  readonly incidents: Incidents
  /** Working entries are taken back when no Inspector has been healthy for so long, in milliseconds; `null` for never. */
  readonly deadManMs: number | null
}

const acts: ReadonlySet<OperatorCommand['type']> = new Set([
  'kill',
  'closeAll',
  'closePosition',
  'cancelEntries',
  'cancelOrder',
])
/** A reduction waits for the cancels of what stands in its way, looking so often, at most so many times. */
const freeEveryMs = 250
const freeAttempts = 40

/**
 * What Provider does without an approval, and only while there is no healthy Inspector to ask: cancel orders and reduce positions
 * by its own ledger, because an operator says so or because nobody watches the entries any more. Each act is an incident
 * in the journal; opening or enlarging a position is impossible here.
 */
export class LastResort {
  private unsubscribe: Unsubscribe | null = null
  private deadMan: CancelTask | null = null
  private unwatchedSince: number | null = null
  private isStopped = false

  constructor(private readonly options: LastResortOptions) {}

  start(): void {
    this.unsubscribe = this.options.bus.subscribe(
      flow.operatorCommand,
      (envelope) => this.obey(envelope.payload, envelope),
      { group: 'provider.last-resort', keys: [this.options.exchange.account] },
    )
  }

  stop(): void {
    this.isStopped = true
    this.unsubscribe?.()
    this.deadMan?.()
    this.deadMan = null
  }

  /** Entries are working now: from here on somebody must watch. */
  watchEntries(): void {
    const { clock, deadManMs } = this.options
    if (deadManMs === null || this.deadMan !== null) return
    this.deadMan = clock.schedule(clock.now() + Math.max(1, Math.floor(deadManMs / 2)), () => {
      this.deadMan = null
      this.checkDeadMan(deadManMs)
      if (this.entries(null).length > 0) this.watchEntries()
    })
  }

  private checkDeadMan(deadManMs: number): void {
    const { clock, inspector } = this.options
    const now = clock.now()
    if (inspector.isHealthy) {
      this.unwatchedSince = null
      return
    }
    this.unwatchedSince ??= now
    if (now - this.unwatchedSince < deadManMs) return
    const entries = this.entries(null)
    if (entries.length === 0) return
    const message = `No healthy Inspector for ${now - this.unwatchedSince} ms; ${entries.length} entries are taken back.`
    this.act({ code: 'order.last-resort.dead-man', message }, [String(this.unwatchedSince)], undefined, () =>
      this.cancelAll(entries),
    )
  }

  /**
   * Obeys a person while the bus is away: no Inspector can hear the command before it is back, and it must not wait for that. What
   * Inspector does later comes on top and is harmless: what is canceled or left already is not done twice.
   */
  obeyAlone(command: OperatorCommand, cause: Cause): void {
    if (acts.has(command.type) && this.options.clock.now() < command.expiresAt) {
      this.carryOut(command, cause, 'the bus is away')
    }
  }

  private obey(command: OperatorCommand, cause: Cause): void {
    const { clock, inspector } = this.options
    if (!acts.has(command.type) || inspector.isHealthy || clock.now() >= command.expiresAt) return
    this.carryOut(command, cause, 'no Inspector is healthy')
  }

  private carryOut(command: OperatorCommand, cause: Cause, why: string): void {
    const message = `${command.type} by ${command.by}, done by Provider because ${why}.`
    this.act({ code: 'order.last-resort.operator', message }, [command.commandId], cause, () => {
      const { symbol, clientOrderId } = command
      switch (command.type) {
        case 'cancelOrder':
          this.cancelAll(clientOrderId === null ? [] : [clientOrderId])
          break
        case 'kill':
          // Positions keep the protection that rests at the exchange; nothing new passes without an Inspector anyway.
          this.cancelAll(this.entries(null))
          break
        case 'cancelEntries':
          this.cancelAll(this.entries(symbol))
          break
        case 'closePosition':
          if (symbol !== null) this.leave(symbol, command, cause)
          break
        default:
          this.cancelAll(this.entries(null))
          for (const position of this.options.ledger.money.allPositions()) this.leave(position.symbol, command, cause)
      }
    })
  }

  /** Written first, then done. */
  private act(reason: Reason, about: readonly string[], cause: Cause | undefined, done: () => void): void {
    this.options.incidents.raise('critical', reason, about, null, cause)
    void this.options.handOver.afterWrite(done, () => {})
  }

  private entries(symbol: string | null): readonly string[] {
    return this.options.ledger.openOrders
      .filter((it) => it.order.purpose === 'entry' && (symbol === null || it.order.symbol === symbol))
      .map((it) => it.order.clientOrderId)
  }

  private cancelAll(clientOrderIds: readonly string[]): void {
    const { ledger, handOver } = this.options
    for (const clientOrderId of clientOrderIds) {
      const order = ledger.find(clientOrderId)
      if (order !== undefined) handOver.cancel(clientOrderId, order.order.symbol)
    }
  }

  /** Frees what is held by orders of the symbol, then sells or buys back what is open. */
  private leave(symbol: string, command: OperatorCommand, cause: Cause): void {
    const { ledger } = this.options
    if (ledger.money.position(symbol).signedQuantity.isZero) return
    this.cancelAll(this.working(symbol))
    this.reduceWhenFree(symbol, command, cause, 0)
  }

  private working(symbol: string): readonly string[] {
    return this.options.ledger.openOrders.filter((it) => it.order.symbol === symbol).map((it) => it.order.clientOrderId)
  }

  private reduceWhenFree(symbol: string, command: OperatorCommand, cause: Cause, attempt: number): void {
    const { clock, handOver } = this.options
    if (this.isStopped) return
    if (this.working(symbol).length > 0 && attempt < freeAttempts) {
      clock.schedule(clock.now() + freeEveryMs, () => this.reduceWhenFree(symbol, command, cause, attempt + 1))
      return
    }
    const order = this.reduction(symbol, command.commandId)
    if (order === null) return
    void handOver.afterWrite(
      () => handOver.submit(order, cause),
      () => {},
    )
  }

  /** A market order that takes off what is open and cannot do more; `null` when nothing is, or it was sent already. */
  private reduction(symbol: string, commandId: string): Order | null {
    const { ledger, exchange } = this.options
    const { capabilities } = exchange
    const open = ledger.money.position(symbol).signedQuantity
    const rules = ledger.rulesOf(symbol)
    const clientOrderId = derivedId('last-resort', commandId, symbol)
    if (rules === undefined || ledger.find(clientOrderId) !== undefined) return null
    const quantity = roundQuantity(rules, open.abs())
    if (quantity.isZero) return null
    return {
      clientOrderId,
      symbol,
      side: open.isPositive ? 'sell' : 'buy',
      type: 'market',
      quantity: quantity.toString(),
      limitPrice: null,
      triggerPrice: null,
      trailingBps: null,
      timeInForce: capabilities.timesInForce.includes('ioc') ? 'ioc' : 'gtc',
      reduceOnly: capabilities.reduceOnly,
      postOnly: false,
      ocoGroup: null,
      purpose: 'exit',
      intentId: commandId,
      attempt: 0,
    }
  }
}
