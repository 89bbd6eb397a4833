import { BarfinexError } from '@barfinex/core'
import type { DaemonPlan, GivenOptions, ParsedDaemonOptions } from '@barfinex/core/daemon'
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
  refuse,
  check: async ({ exchange }) => (exchange as Partial<ExchangeFactory> | undefined)?.check?.(),
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

/** A lease is renewed after a third of it: when Redis goes away, two thirds are left in the worst case. */
const leaseShare = 2 / 3
/** What the dead man's look and its cancels may take, in milliseconds. */
const actMs = 2_000

function refuse({ deadManMs: given, exchange }: GivenOptions, daemon: ParsedDaemonOptions): void {
  refuseAccount((exchange as Partial<ExchangeFactory> | undefined)?.account, daemon.account)
  // What is not a number at all is refused with the other options.
  const parsed = providerOptions.shape.deadManMs.safeParse(given)
  if (!parsed.success || parsed.data === null) return
  const { leaseMs, heartbeatMs } = daemon
  const needed = parsed.data + 2 * heartbeatMs + actMs
  if (needed < leaseShare * leaseMs) return
  const most = Math.ceil(leaseShare * leaseMs - 2 * heartbeatMs - actMs) - 1
  const advice = most < 1_000 ? '' : ` deadManMs to ${most} or less, or`
  const least = Math.floor(needed / leaseShare) + 1
  const message = `With Redis away Provider ends when its lease does, and its dead man's act has to come before: deadManMs ${parsed.data} + 2 x heartbeatMs ${heartbeatMs} + ${actMs} must be less than two thirds of daemon.leaseMs ${leaseMs}. Set${advice} daemon.leaseMs to ${least} or more; deadManMs null is none.`
  throw new BarfinexError('config.invalid', message, { details: { deadManMs: parsed.data, heartbeatMs, leaseMs } })
}

function refuseAccount(served: string | undefined, named: string | undefined): void {
  if (served === undefined || served === named) return
  const message = `The exchange serves account "${served}", the configuration says "${named}". Correct daemon.account.`
  throw new BarfinexError('config.invalid', message)
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
      try {
        refuseAccount(exchange.account, account ?? undefined)
        return exchange
      } catch (error) {
        await exchange.close()
        throw error
      }
    },
  }
}
