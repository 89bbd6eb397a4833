import type { Clock, Log, Random } from '@barfinex/core'
import { AccountRecords } from './account-records.js'
import { CallBudget } from './call-budget.js'
import type { ResolvedCcxtOptions } from './ccxt-options.js'
import { type ExchangeAddresses, exchangeAddresses } from './exchange-addresses.js'
import type { ExchangeKey } from './exchange-key.js'
import { ExchangeTime } from './exchange-time.js'
import { Listings } from './listings.js'
import { loadCcxt, type Wire } from './load-ccxt.js'
import { OrderNames } from './order-names.js'
import { timeReply } from './reply-schemas.js'
import { Rest } from './rest.js'

export interface ConnectionOptions {
  readonly options: ResolvedCcxtOptions
  readonly key: ExchangeKey
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** Everything that talks to the exchange, wired together; nothing has been sent yet. */
export interface Connection {
  readonly wire: Wire
  readonly addresses: ExchangeAddresses
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly time: ExchangeTime
  readonly budget: CallBudget
  readonly rest: Rest
  readonly names: OrderNames
  readonly listings: Listings
  readonly records: AccountRecords
}

/** Throws `exchange.library-missing`. */
export async function openConnection({ options, key, clock, random, log }: ConnectionOptions): Promise<Connection> {
  const addresses = exchangeAddresses(options)
  const time: ExchangeTime = new ExchangeTime(
    clock,
    async () => (await rest.call('time', timeReply, {}, 'urgent')).serverTime,
  )
  const budget = new CallBudget(clock, () => time.now())
  const wire = await loadCcxt({
    addresses,
    key,
    clock,
    recvWindowMs: options.recvWindowMs,
    timeoutMs: options.timeoutMs,
    now: () => time.now(),
    onHeaders: (headers) => budget.hear(headers),
  })
  const rest = new Rest({ wire, time, budget })
  const names = new OrderNames()
  const listings = new Listings(options.id, rest)
  const records = new AccountRecords(rest, listings, names, time)
  return { wire, addresses, clock, random, log, time, budget, rest, names, listings, records }
}
