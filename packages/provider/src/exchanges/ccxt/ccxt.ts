import { parseOptions } from '@barfinex/core'
import type { ExchangeFactory } from '../exchange.js'
import { type CcxtOptions, ccxtOptions, refuseUnsaidLive } from './ccxt-options.js'

/**
 * Describes a real exchange, reached through ccxt (an optional peer dependency: `npm install ccxt@4.5.84`). The key comes from
 * `BARFINEX_EXCHANGE_KEY` and `BARFINEX_EXCHANGE_SECRET`, or from a file that only you can read.
 *
 * Real money has to be asked for by `live: true`; then a key that may withdraw is refused.
 *
 * Throws `options.invalid`. `create` throws `exchange.library-missing`, `config.invalid` and `config.not-found`.
 *
 * @example
 * ccxt({ venueUrl: 'http://127.0.0.1:8080' })          // rehearses against `barfinex venue`
 * ccxt({ live: true, keyFile: 'binance.key.json' })    // trades
 */
export function ccxt(options: CcxtOptions = {}): ExchangeFactory {
  const parsed = parseOptions(ccxtOptions, options, 'ccxt')
  refuseUnsaidLive(parsed)
  return {
    id: parsed.id,
    mode: parsed.live ? 'live' : 'paper',
    symbols: parsed.symbols,
    account: parsed.account ?? parsed.id,
    async check() {
      const { importCcxt } = await import('./load-ccxt.js')
      const { readExchangeKey } = await import('./exchange-key.js')
      readExchangeKey(parsed.keyFile)
      await importCcxt()
    },
    async create() {
      // Loaded only where it is used: a backtest opens no socket.
      const { createCcxtExchange } = await import('./ccxt-exchange.js')
      const { importCcxt } = await import('./load-ccxt.js')
      const { readExchangeKey } = await import('./exchange-key.js')
      await importCcxt()
      return createCcxtExchange(parsed, readExchangeKey(parsed.keyFile))
    },
  }
}
