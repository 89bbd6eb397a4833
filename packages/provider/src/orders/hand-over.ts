import type { Cause, Clock, Journal, Log, Order } from '@barfinex/core'
import type { Exchange } from '../exchanges/exchange.js'
import type { InFlight } from './in-flight.js'
import type { Ledger } from './ledger.js'

export interface HandOverOptions {
  readonly clock: Clock
  readonly log: Log
  readonly journal: Journal
  readonly exchange: Exchange
  readonly ledger: Ledger
  readonly inFlight: InFlight
}

/** The last step before the exchange, for the gateway and for Provider's own acts: written first, then sent, then looked after. */
export class HandOver {
  constructor(private readonly options: HandOverOptions) {}

  /**
   * Runs `send` once everything said so far is in the journal for good, at once where it is already; `refuse` when it
   * cannot be written. Returns a promise only when there is something to wait for.
   */
  afterWrite(send: () => void, refuse: (error: unknown) => void): void | Promise<void> {
    const { journal, clock } = this.options
    const durable = journal.flush()
    if (durable !== undefined) return clock.hold(durable.then(send, refuse))
    if (journal.fault !== null) refuse(journal.fault)
    else send()
  }

  /**
   * An entry nobody can be told of is not sent: its fill would be left without protection. Everything else goes out; whatever
   * becomes of it, it is looked after.
   */
  submit(order: Order, cause: Cause | null): void {
    const { exchange, ledger, inFlight } = this.options
    const { clientOrderId, symbol } = order
    const isTold = ledger.submit(order, cause)
    if (!isTold && order.purpose === 'entry') {
      ledger.absent(clientOrderId, {
        code: 'order.gateway.bus-full',
        message: 'The bus takes nothing: nobody could be told of this entry. It was not sent.',
      })
      return
    }
    this.act('submit', clientOrderId, symbol, () => exchange.submit(order))
    inFlight.watch(clientOrderId)
  }

  /** Takes an order back, unless it is final. */
  cancel(clientOrderId: string, symbol: string): void {
    const { exchange, ledger, inFlight } = this.options
    // A bus that takes nothing must not keep an order at the exchange: it is told later.
    ledger.wantCancel(clientOrderId)
    if (ledger.find(clientOrderId)?.isCancelWanted !== true) return
    this.act('cancel', clientOrderId, symbol, () => exchange.cancel(clientOrderId, symbol))
    inFlight.watch(clientOrderId)
  }

  /** An exchange that fails to take a request over leaves its fate unknown. */
  private act(
    action: 'submit' | 'cancel',
    clientOrderId: string,
    symbol: string,
    send: () => void | Promise<void>,
  ): void {
    const { ledger, log, clock } = this.options
    const lost = (error: unknown) => {
      log.error('the exchange did not take a request over', { action, clientOrderId, error })
      ledger.report({
        type: 'uncertain',
        clientOrderId,
        symbol,
        action,
        reason: {
          code: 'order.gateway.hand-over-failed',
          message: `The ${action} may or may not have reached the exchange.`,
        },
        occurredAt: clock.now(),
      })
    }
    try {
      send()?.catch(lost)
    } catch (error) {
      lost(error)
    }
  }
}
