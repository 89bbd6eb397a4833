import type { AccountState, Approval, Fill, Order, OrderCommand, OrderEvent, PositionState } from '../flow/5-order.js'
import { subjectHashOf } from '../model/approval.js'
import { newYear } from './given-market.js'

/** A market entry: buy 0.5 BTC. */
export function anOrder(overrides: Partial<Order> = {}): Order {
  return {
    clientOrderId: 'order-1',
    symbol: 'BTC/USDT',
    side: 'buy',
    type: 'market',
    quantity: '0.5',
    limitPrice: null,
    triggerPrice: null,
    trailingBps: null,
    timeInForce: 'gtc',
    reduceOnly: false,
    postOnly: false,
    ocoGroup: null,
    purpose: 'entry',
    intentId: 'intent-1',
    attempt: 0,
    ...overrides,
  }
}

/** The form of a seal over an order. Its signature holds nowhere: a real one comes from `claimSealer()`. */
export function anApproval(overrides: Partial<Approval> = {}, order: Order = anOrder()): Approval {
  return {
    account: 'paper',
    epoch: 1,
    clientOrderId: order.clientOrderId,
    subjectHash: subjectHashOf({ action: 'submit', order }),
    expiresAt: newYear + 120_000,
    nonce: 'nonce-0001',
    keyId: 'process',
    signature: 'c2lnbmF0dXJl',
    ...overrides,
  }
}

export function anOrderCommand(
  overrides: Partial<Extract<OrderCommand, { type: 'submit' }>> = {},
): Extract<OrderCommand, { type: 'submit' }> {
  const order = overrides.order ?? anOrder()
  const commandId = `${order.clientOrderId}.submit`
  return { type: 'submit', commandId, account: 'paper', order, approval: anApproval({}, order), ...overrides }
}

/** The order of {@link anOrder}, accepted. */
export function anOrderEvent(overrides: Partial<OrderEvent> = {}): OrderEvent {
  return {
    account: 'paper',
    clientOrderId: 'order-1',
    exchangeOrderId: 'x-1',
    symbol: 'BTC/USDT',
    side: 'buy',
    type: 'market',
    purpose: 'entry',
    intentId: 'intent-1',
    state: 'accepted',
    sequence: 2,
    quantity: '0.5',
    filledQuantity: '0',
    averagePrice: null,
    limitPrice: null,
    triggerPrice: null,
    reduceOnly: false,
    ocoGroup: null,
    reason: null,
    occurredAt: newYear + 60_000,
    ...overrides,
  }
}

/** The whole of {@link anOrder}, filled at once. */
export function aFill(overrides: Partial<Fill> = {}): Fill {
  return {
    account: 'paper',
    fillId: 'BTC/USDT.1',
    clientOrderId: 'order-1',
    exchangeOrderId: 'x-1',
    symbol: 'BTC/USDT',
    side: 'buy',
    purpose: 'entry',
    intentId: 'intent-1',
    price: '101.02',
    quantity: '0.5',
    fee: '0.05051',
    feeAsset: 'USDT',
    liquidity: 'taker',
    inferred: false,
    occurredAt: newYear + 60_050,
    ...overrides,
  }
}

export function aPosition(overrides: Partial<PositionState> = {}): PositionState {
  return {
    symbol: 'BTC/USDT',
    side: 'long',
    quantity: '0.5',
    averagePrice: '101.02',
    realizedPnl: '0',
    feesPaid: '0.05051',
    openedAt: newYear + 60_050,
    ...overrides,
  }
}

/** A known account with 10,000 USDT and nothing open. */
export function anAccount(overrides: Partial<AccountState> = {}): AccountState {
  return {
    account: 'paper',
    sequence: 1,
    known: true,
    reason: null,
    balances: [{ asset: 'USDT', free: '10000', locked: '0', total: '10000' }],
    positions: [],
    openOrders: [],
    equityQuote: '10000',
    quoteAsset: 'USDT',
    asOf: newYear,
    ...overrides,
  }
}
