import type { Instrument } from '@barfinex/core'

/** A linear contract, so that a desk can go both ways; the fees of the workload on both sides. */
export const instrument: Instrument = {
  symbol: 'BTC/USDT:USDT',
  exchange: 'paper',
  kind: 'swap',
  base: 'BTC',
  quote: 'USDT',
  settle: 'USDT',
  tickSize: '0.01',
  stepSize: '0.001',
  minQuantity: '0.001',
  maxQuantity: null,
  minNotional: '5',
  maxNotional: null,
  makerFeeBps: '10',
  takerFeeBps: '10',
  status: 'trading',
  revision: 1,
}
