import type { TapeSidecarInput } from '../src/exchanges/tape/tape-sidecar.js'

/** Describes minute candles of BTC/USDT in six columns without a header, as many sites hand them out. */
export const minuteSidecar = {
  symbol: 'BTC/USDT',
  timeframe: '1m',
  columns: ['time', 'open', 'high', 'low', 'close', 'volume'],
  header: false,
  time: 'YYYYMMDD HH:mm',
  timeZone: 'UTC',
  stamp: 'open',
  volumeUnit: 'base',
  priceScale: 1,
  instrument: {
    kind: 'spot',
    base: 'BTC',
    quote: 'USDT',
    tickSize: '0.01',
    stepSize: '0.001',
    minQuantity: '0.001',
    minNotional: '5',
  },
  fees: { makerBps: '1', takerBps: '2' },
} satisfies TapeSidecarInput
