import type { ResolvedCcxtOptions } from './ccxt-options.js'

/** Where Binance's spot market is reached. */
export interface ExchangeAddresses {
  readonly rest: string
  /** Account endpoints beside trading; `null` where there are none, as in the sandbox. */
  readonly account: string | null
  /** Combined market streams; the streams follow as a query. */
  readonly streams: string
  /** WebSocket API, for reports about our orders. */
  readonly reports: string
}

export function exchangeAddresses({ sandbox, venueUrl }: ResolvedCcxtOptions): ExchangeAddresses {
  if (venueUrl !== undefined) {
    const base = venueUrl.replace(/\/+$/, '')
    const socket = base.replace(/^http/, 'ws')
    return {
      rest: `${base}/api/v3`,
      account: `${base}/sapi/v1`,
      streams: `${socket}/stream`,
      reports: `${socket}/ws-api/v3`,
    }
  }
  if (sandbox) {
    return {
      rest: 'https://testnet.binance.vision/api/v3',
      account: null,
      streams: 'wss://stream.testnet.binance.vision/stream',
      reports: 'wss://ws-api.testnet.binance.vision/ws-api/v3',
    }
  }
  return {
    rest: 'https://api.binance.com/api/v3',
    account: 'https://api.binance.com/sapi/v1',
    streams: 'wss://stream.binance.com:9443/stream',
    reports: 'wss://ws-api.binance.com:443/ws-api/v3',
  }
}
