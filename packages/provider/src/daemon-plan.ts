import { BarfinexError } from '@barfinex/core'
import type { DaemonPlan, GivenOptions } from '@barfinex/core/daemon'
import { ccxt } from './exchanges/ccxt/ccxt.js'
import type { CcxtOptions } from './exchanges/ccxt/ccxt-options.js'
import type { ExchangeFactory } from './exchanges/exchange.js'
import { paper } from './exchanges/paper/paper.js'
import type { PaperOptions } from './exchanges/paper/paper-options.js'
import { carry } from './orders/carry.js'
import { providerOptions } from './provider-options.js'
import { createService, type ProviderOptions } from './service.js'

/** Exchanges that a file can describe, as `{ "paper": { "seed": 7 } }`. */
const described: Readonly<Record<string, (options: object) => ExchangeFactory>> = {
  paper: (options) => paper(options as PaperOptions),
  ccxt: (options) => ccxt(options as CcxtOptions),
}

/** Provider as a daemon: the order gateway and the market of one account. */
export const daemonPlan: DaemonPlan = {
  service: 'provider',
  help: 'connects one account of an exchange: market data out, approved orders in',
  options: providerOptions,
  approvals: 'verifies',
  isPerAccount: true,
  sources: ['gateway'],
  carry: carry(),
  read: (given) => ({ ...given, exchange: exchangeOf(given) }),
  create(runtime, given, account) {
    const options = given as Omit<ProviderOptions, 'bus'>
    return createService({ ...options, ...runtime, exchange: onlyOf(options.exchange, account) })
  },
}

function exchangeOf({ exchange }: GivenOptions): unknown {
  if (typeof exchange !== 'object' || exchange === null || 'create' in exchange) return exchange
  const entries = Object.entries(exchange)
  const [name = '', options] = entries[0] ?? []
  const make = entries.length === 1 && Object.hasOwn(described, name) ? described[name] : undefined
  if (make !== undefined && typeof options === 'object' && options !== null) return make(options)
  const known = Object.keys(described).join(', ')
  const message = `provider: "exchange" must be one of ${known} with its options, such as { "paper": { "seed": 7 } }.`
  throw new BarfinexError('options.invalid', message)
}

/** The lease is for an account: an exchange that turns out to serve another one must not be used under it. */
function onlyOf(factory: ExchangeFactory, account: string | null): ExchangeFactory {
  if (typeof factory?.create !== 'function') return factory
  return {
    id: factory.id,
    mode: factory.mode,
    symbols: factory.symbols,
    async create() {
      const exchange = await factory.create()
      if (exchange.account === account) return exchange
      await exchange.close()
      const message = `The exchange serves account "${exchange.account}", the configuration says "${account}". Correct daemon.account.`
      throw new BarfinexError('config.invalid', message)
    },
  }
}
