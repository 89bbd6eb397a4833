import type { AccountState, Candle, EquityPoint, PositionState } from '@barfinex/core'
import { expect, it } from 'vitest'
import { EquityCurve } from './equity-curve.js'

const position = (side: PositionState['side'], quantity: string): PositionState => ({
  symbol: 'BTC/USDT',
  side,
  quantity,
  averagePrice: '100',
  realizedPnl: '0',
  feesPaid: '0',
  openedAt: 0,
})

const account = (asOf: number, equityQuote: string, ...positions: PositionState[]): AccountState => ({
  account: 'paper',
  sequence: asOf,
  known: true,
  reason: null,
  balances: [],
  positions,
  openOrders: [],
  equityQuote,
  quoteAsset: 'USDT',
  asOf,
})

const bar = (closeTime: number, close: number, symbol = 'BTC/USDT'): Candle => ({
  symbol,
  timeframe: '1m',
  openTime: closeTime - 60_000,
  closeTime,
  open: close,
  high: close,
  low: close,
  close,
  volume: 1,
  tradeCount: 1,
  isFinal: true,
  provenance: 'tape',
  revision: 0,
})

function given() {
  const points: EquityPoint[] = []
  return { points, curve: new EquityCurve((point) => points.push(point)) }
}

it('carries the equity on by the prices of what is held', () => {
  const { curve, points } = given()
  curve.closed(bar(60_000, 100))
  curve.told(account(60_000, '1000', position('long', '2')))
  curve.closed(bar(120_000, 103.1))
  curve.closed(bar(120_000, 7, 'ETH/USDT'))
  curve.closed(bar(60_000, 999))
  curve.told(account(130_000, '1006', position('short', '2')))
  curve.closed(bar(180_000, 101.1))
  curve.told(account(190_000, '1010', position('flat', '0')))
  curve.closed(bar(240_000, 90))
  expect(points.map((it) => [it.at, it.equityQuote])).toEqual([
    [60_000, '1000'],
    [120_000, '1006.2'],
    [120_000, '1006.2'],
    [130_000, '1006'],
    [180_000, '1010'],
    [190_000, '1010'],
    [240_000, '1010'],
  ])
})

it('prefers the middle of quotes to closes, and claims nothing without a price', () => {
  const { curve, points } = given()
  curve.told(account(0, '1000', position('long', '1')))
  curve.closed(bar(60_000, 100))
  curve.quoted({ symbol: 'BTC/USDT', bid: 199, ask: 201, bidQuantity: 1, askQuantity: 1, occurredAt: 61_000 })
  curve.told(account(61_000, '1000', position('long', '1')))
  curve.closed(bar(120_000, 999))
  expect(points.map((it) => it.equityQuote)).toEqual(['1000', '1000', '1000', '1000'])
})
