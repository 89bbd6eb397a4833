import type { Reason } from '@barfinex/core'
import type { MatchingEvent, SelfTradePrevention } from './matching-event.js'
import type { SymbolMarket } from './symbol-market.js'
import type { TradingAccount } from './trading-account.js'
import type { WorkingOrder } from './working-order.js'

const nothing: readonly MatchingEvent[] = Object.freeze([])

/** An asset in which accounts may choose to pay their spot fees, for less. */
export interface FeeCoin {
  readonly asset: string
  /** Taken off the fee, in whole basis points of it. */
  readonly discountBps: number
}

/** What the parts of the engine share while one call runs. */
export class MatchingState {
  readonly markets = new Map<string, SymbolMarket>()
  readonly accounts = new Map<string, TradingAccount>()
  /** Fees taken so far, by asset, in ledger units. */
  readonly fees = new Map<string, bigint>()
  /** What everybody outside holds because of trades with us, by asset, in ledger units. */
  readonly external = new Map<string, bigint>()
  now = 0
  orderCount = 0
  tradeCount = 0
  ambiguousBarCount = 0
  private emitted: MatchingEvent[] | null = null

  constructor(
    readonly isQuoteFee: boolean,
    readonly selfTradePrevention: SelfTradePrevention,
    readonly idPrefix: string,
    readonly feeCoin: FeeCoin | null = null,
  ) {}

  emit(event: MatchingEvent): void {
    if (this.emitted === null) this.emitted = [event]
    else this.emitted.push(event)
  }

  /** Hands over what has happened since the last time, in order. */
  takeEvents(): readonly MatchingEvent[] {
    const events = this.emitted
    this.emitted = null
    return events ?? nothing
  }

  emitState(
    order: WorkingOrder,
    type: 'accepted' | 'triggered' | 'canceled' | 'expired',
    reason: Reason | null = null,
  ): void {
    order.updatedAt = this.now
    this.emit({
      type,
      account: order.account.id,
      clientOrderId: order.order.clientOrderId,
      exchangeOrderId: order.exchangeOrderId,
      symbol: order.order.symbol,
      reason,
      ...(order.isLive || order.filledSteps === 0
        ? {}
        : { filledQuantity: order.grid.quantityText(order.filledSteps) }),
      occurredAt: this.now,
    })
  }
}

/** Adds to a sum by asset. */
export function book(sums: Map<string, bigint>, asset: string, amount: bigint): void {
  sums.set(asset, (sums.get(asset) ?? 0n) + amount)
}
