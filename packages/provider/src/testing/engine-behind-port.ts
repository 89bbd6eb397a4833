import type { Exchange, ExchangeReport } from '../exchanges/exchange.js'

/** What an exchange can do that is the matching engine itself: everything that the engine takes. */
export function engineCapabilities(
  market: Pick<Exchange['capabilities'], 'candleTimeframes' | 'trades'> &
    Partial<Pick<Exchange['capabilities'], 'oco'>>,
): Exchange['capabilities'] {
  return {
    orderTypes: ['market', 'limit', 'stopMarket', 'stopLimit', 'takeProfitMarket', 'takeProfitLimit'],
    timesInForce: ['gtc', 'ioc', 'fok'],
    reduceOnly: true,
    postOnly: true,
    oco: true,
    book: true,
    virtualClock: null,
    ...market,
  }
}

/** What a port says of a request to which no reply came. */
export function lostReply(
  action: 'submit' | 'cancel',
  clientOrderId: string,
  symbol: string,
  occurredAt: number,
): ExchangeReport {
  const reason = { code: 'exchange.request.timeout', message: 'No reply came.' }
  return { type: 'uncertain', clientOrderId, symbol, action, reason, occurredAt }
}
