import type { AccountState, OrderEvent, PositionState } from '@barfinex/core/browser'
import { describe, expect, it } from 'vitest'
import { effectOf } from './command-effect.js'
import { ViewFold } from './view-fold.js'

const position = (symbol: string, side: PositionState['side']): PositionState => ({
  symbol,
  side,
  quantity: side === 'flat' ? '0' : '0.5',
  averagePrice: null,
  realizedPnl: '0',
  feesPaid: '0',
  openedAt: null,
})

const order = (clientOrderId: string, purpose: OrderEvent['purpose']): OrderEvent => ({
  account: 'paper',
  clientOrderId,
  exchangeOrderId: null,
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  purpose,
  intentId: 'intent',
  state: 'accepted',
  sequence: 0,
  quantity: '0.5',
  filledQuantity: '0',
  averagePrice: null,
  limitPrice: '100',
  triggerPrice: null,
  reduceOnly: purpose !== 'entry',
  ocoGroup: null,
  reason: null,
  occurredAt: 0,
})

function viewWith(account: Partial<AccountState> | null) {
  const fold = new ViewFold()
  const full: AccountState = {
    account: 'paper',
    sequence: 1,
    known: true,
    reason: null,
    balances: [],
    positions: [position('BTC/USDT', 'long'), position('ETH/USDT', 'short'), position('SOL/USDT', 'flat')],
    openOrders: [order('entry-1', 'entry'), order('stop-1', 'stop')],
    equityQuote: '1000',
    quoteAsset: 'USDT',
    asOf: 0,
    ...account,
  }
  const state = { account: 'paper', state: 'active', reason: null, setBy: 'policy', since: 0 }
  fold.apply({
    type: 'snapshot',
    cursor: 0,
    at: 0,
    topics: { accounts: account === null ? [] : [full], tradingStates: [state] },
  })
  return fold.view()
}

describe('effectOf', () => {
  it.each([
    ['kill', [], ['entry-1'], 'halted'],
    ['halt', [], [], 'halted'],
    ['reduceOnly', [], [], 'reduceOnly'],
    ['resume', [], [], 'active'],
    ['closeAll', ['BTC/USDT', 'ETH/USDT'], ['entry-1'], undefined],
    ['cancelEntries', [], ['entry-1'], undefined],
  ] as const)('%s', (type, symbols, orders, after) => {
    const effect = effectOf({ type, why: 'x' }, viewWith({}), 'paper')
    expect(effect.closes.map((it) => it.symbol)).toEqual(symbols)
    expect(effect.cancels.map((it) => it.clientOrderId)).toEqual(orders)
    expect(effect.tradingState?.after).toBe(after)
  })

  it('acts on what is named only', () => {
    const one = effectOf({ type: 'closePosition', symbol: 'ETH/USDT', why: 'x' }, viewWith({}), 'paper')
    expect(one.lines).toContain('Leaves short 0.5 ETH/USDT.')
    expect(one.closes).toHaveLength(1)
    const stop = effectOf({ type: 'cancelOrder', clientOrderId: 'stop-1', why: 'x' }, viewWith({}), 'paper')
    expect(stop.lines).toContain('Cancels buy 0.5 BTC/USDT (stop).')
  })

  it('says when it cannot know', () => {
    expect(effectOf({ type: 'kill', why: 'x' }, viewWith(null), 'paper').lines.at(-1)).toMatch(/not known yet/)
    expect(effectOf({ type: 'kill', why: 'x' }, viewWith({ known: false }), 'paper').lines.at(-1)).toMatch(
      /for certain/,
    )
  })
})
