import { describe, expect, test } from 'vitest'
import { refusalReason } from './refusal-reason.js'
import { faultOfReply, faultOfThrown, RequestFault } from './request-fault.js'

const reply = (status: number, code: number, msg: string, headers = {}) => faultOfReply(status, headers, { code, msg })

describe('C1: what came of a request is judged by the code on the wire', () => {
  test.each([
    [503, -1007, 'Timeout waiting for response from backend server.'],
    [500, -1006, 'An unexpected response was received from the message bus.'],
    [503, -1008, 'Server is currently overloaded with other requests.'],
    [400, -1006, 'An unexpected response was received from the message bus.'],
    [400, -1001, 'Internal error; unable to process your request.'],
    [502, -9999, 'anything behind a 5xx'],
  ])('%i %i is unclear', (status, code, msg) => {
    expect(reply(status, code, msg)).toMatchObject({ kind: 'unclear', code })
  })

  test.each([
    [400, -2010, 'Account has insufficient balance for requested action.', 'exchange.order.insufficient-funds'],
    [400, -2010, 'Duplicate order sent.', 'exchange.order.duplicate-id'],
    [400, -2010, 'Order would immediately match and take.', 'exchange.order.would-take'],
    [400, -2010, 'Stop price would trigger immediately.', 'exchange.order.would-trigger'],
    [400, -2010, 'Market is closed.', 'exchange.order.instrument-halted'],
    [400, -2010, 'Something never heard of.', 'exchange.order.refused'],
    [400, -1013, 'Filter failure: LOT_SIZE', 'exchange.order.off-step'],
    [400, -1013, 'Filter failure: PRICE_FILTER', 'exchange.order.off-tick'],
    [400, -1013, 'Filter failure: NOTIONAL', 'exchange.order.below-min-notional'],
    [400, -1013, 'Filter failure: MAX_NUM_ALGO_ORDERS', 'exchange.order.filter'],
    [400, -1021, 'Timestamp for this request is outside of the recvWindow.', 'exchange.request.clock'],
    [400, -1111, 'Parameter has too much precision.', 'exchange.order.invalid'],
    [400, -1121, 'Invalid symbol.', 'exchange.order.unknown-symbol'],
    [400, -2011, 'Unknown order sent.', 'exchange.order.unknown-order'],
    [401, -2015, 'Invalid API-key, IP, or permissions for action.', 'exchange.request.unauthorized'],
  ])('%i %i %s is a refusal', (status, code, msg, reason) => {
    const fault = reply(status, code, msg)
    expect(fault.kind).toBe('refused')
    expect(refusalReason(fault).code).toBe(reason)
  })

  test('C15: 429, 418, -1003 and -1015 took nothing, and say how long to wait', () => {
    for (const [status, code] of [
      [429, -1003],
      [418, -1003],
      [400, -1003],
      [429, -1015],
    ] as const) {
      const fault = reply(status, code, 'Too many.', { 'Retry-After': '7' })
      expect(fault).toMatchObject({ kind: 'limited', code, retryAfterMs: 7_000 })
      expect(refusalReason(fault)).toMatchObject({ code: 'exchange.request.rate-limited', limit: 7_000 })
    }
    expect(faultOfReply(429, {}, undefined)).toMatchObject({ kind: 'limited', code: null, retryAfterMs: 0 })
  })

  test('an error page of something in between is unclear', () => {
    for (const body of ['<html>', null, undefined, [], { code: 0 }, { code: 'x', msg: 1 }]) {
      expect(faultOfReply(400, {}, body)).toMatchObject({ kind: 'unclear', code: null })
    }
  })
})

describe('C17: what ccxt throws is told without its address', () => {
  const url = 'https://api.example/api/v3/order?symbol=BTCUSDT&signature=0123456789abcdef'

  test.each([
    [`binance GET ${url} request timed out (10000 ms)`, 'unclear'],
    [`binance POST ${url} fetch failed: other side closed`, 'unclear'],
    [`binance POST ${url} fetch failed: read ECONNRESET`, 'unclear'],
    [`binance POST ${url} fetch failed: connect ECONNREFUSED 127.0.0.1:1`, 'refused'],
    [`binance POST ${url} fetch failed: getaddrinfo ENOTFOUND api.example`, 'refused'],
    // On a line that stood the request may have been read before the way there was lost.
    [`binance POST ${url} fetch failed: read EHOSTUNREACH`, 'unclear'],
    [`binance POST ${url} fetch failed: write ENETUNREACH`, 'unclear'],
    ['a defect of ours', 'unclear'],
  ])('%s', (message, kind) => {
    const fault = faultOfThrown(new Error(message))
    expect(fault.kind).toBe(kind)
    expect(fault.message).not.toMatch(/signature|api\.example|https?:/)
    expect(fault.cause).toBeUndefined()
  })
})

test('a fault becomes an error with a code that says what to do', () => {
  expect(new RequestFault('refused', -2015, 'x').toError('Account').code).toBe('exchange.unauthorized')
  expect(new RequestFault('refused', -1121, 'x').toError('Candles').code).toBe('exchange.rejected')
  expect(new RequestFault('limited', -1003, 'x').toError('Account')).toMatchObject({
    code: 'exchange.unavailable',
    retryable: true,
  })
})
