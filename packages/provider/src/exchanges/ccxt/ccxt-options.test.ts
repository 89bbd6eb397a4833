import { BarfinexError } from '@barfinex/core'
import { expect, test } from 'vitest'
import { ccxt } from './ccxt.js'
import type { CcxtOptions } from './ccxt-options.js'

const refusalOf = (options: CcxtOptions): string => {
  try {
    ccxt(options)
  } catch (error) {
    return BarfinexError.is(error, 'options.invalid') ? error.message : String(error)
  }
  return 'none'
}

test('real money has to be asked for in so many words', () => {
  expect(refusalOf({})).toContain('live: true')
  expect(refusalOf({ venueUrl: 'http://venue.example:80' })).toContain('not on this machine')
  expect(refusalOf({ venueUrl: 'http://127.example.com' })).toContain('not on this machine')
  expect(ccxt({ live: true }).mode).toBe('live')
  expect(ccxt({ sandbox: true }).mode).toBe('paper')
  expect(ccxt({ venueUrl: 'http://127.0.0.1:1' }).mode).toBe('paper')
  expect(ccxt({ venueUrl: 'http://[::1]:1' }).mode).toBe('paper')
  // A rehearsal of a live start.
  expect(ccxt({ venueUrl: 'http://localhost:1', live: true }).mode).toBe('live')
})

test('options that contradict or are unknown are refused', () => {
  expect(refusalOf({ sandbox: true, venueUrl: 'http://127.0.0.1:1' })).toContain('sandbox')
  expect(refusalOf({ venueUrl: 'file:///etc/passwd' })).toContain('venueUrl')
  expect(refusalOf({ live: true, apiKey: 'x' } as CcxtOptions)).toContain('apiKey')
  expect(refusalOf({ live: true, id: 'kraken' } as unknown as CcxtOptions)).toContain('binance')
})
