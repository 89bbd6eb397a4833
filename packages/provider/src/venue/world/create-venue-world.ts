import { createRandom, parseOptions, type Random } from '@barfinex/core'
import { createVenueFaults } from '../venue-faults.js'
import {
  type VenueAccount,
  VenueError,
  type VenueMarket,
  type VenueMarketEvent,
  type VenueRangeMs,
  type VenueWorld,
} from '../venue-world.js'
import { plainText, unitsOf } from './amount.js'
import type { ListedSymbol } from './listed-symbol.js'
import { MarketHall } from './market-hall.js'
import type { MarketParts } from './market-parts.js'
import { marketSource } from './market-source.js'
import { Outbox } from './outbox.js'
import { createSpotMarket } from './spot-market.js'
import { createUsdmMarket } from './usdm-market.js'
import { UserOutbox } from './user-outbox.js'
import { venueTruth } from './venue-truth.js'
import { type ResolvedVenueWorldOptions, type VenueWorldOptions, venueWorldOptions } from './venue-world-options.js'

const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** What BNB takes off a spot fee, in basis points of it. */
const feeCoin = { asset: 'BNB', discountBps: 2_500 }

/**
 * Makes the world of the test venue: markets, accounts, orders and their records, on a clock that is given to it. The same seed, the same
 * clock and the same requests give the same bytes.
 *
 * Throws `options.invalid`. What a request does wrong is a `VenueError` of its act.
 *
 * @example
 * const world = createVenueWorld({ clock, seed: 7, accounts: [{ id: 'bot', apiKey: 'k', secret: 's' }] })
 * world.spot.place('bot', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.001' })
 */
export function createVenueWorld(given: VenueWorldOptions): VenueWorld {
  const options = parseOptions(venueWorldOptions, given, 'venue')
  const { clock } = options
  const accounts = options.accounts.map(accountOf)
  const random = createRandom(options.seed)
  let skewMs = 0
  let indexingLag: VenueRangeMs = options.indexingLagMs
  const now = () => clock.now() + skewMs

  const listeners = new Set<(event: VenueMarketEvent) => void>()
  const market = new Outbox<VenueMarketEvent>(
    clock,
    drawn(random, 'market', () => options.marketDelayMs),
    (event) => {
      for (const listener of [...listeners]) listener(event)
    },
  )
  const users = new UserOutbox(
    clock,
    now,
    drawn(random, 'user', () => options.userDelayMs),
  )
  const flush = () => {
    market.flush()
    users.flush()
  }

  function partsOf(name: VenueMarket): MarketParts {
    const source = marketSource(options, name)
    const hall = new MarketHall({
      market: name,
      clock,
      now,
      rules: source.rules,
      feed: source.feed,
      feedClock: source.clock,
      feeCoin: name === 'spot' ? feeCoin : null,
      tell: (event) => {
        if (listeners.size > 0) market.push(event)
      },
      flush,
    })
    return {
      hall,
      users,
      clock,
      now,
      lagMs: drawn(random, `lag/${name}`, () => indexingLag),
      makeId: idMaker(random.fork(`ids/${name}`)),
      orderLimits: options.orderLimits,
    }
  }

  const spotParts = partsOf('spot')
  const usdmParts = partsOf('usdm')
  const spotMarket = createSpotMarket(spotParts)
  const usdmMarket = createUsdmMarket(usdmParts, options.fundingHours, random.fork('funding'))
  const halls: Readonly<Record<VenueMarket, MarketHall>> = { spot: spotParts.hall, usdm: usdmParts.hall }
  const markets = { spot: spotMarket, usdm: usdmMarket } as const

  for (const account of options.accounts) {
    for (const name of ['spot', 'usdm'] as const) {
      const { engine } = halls[name]
      const held = name === 'spot' ? account.balances : account.usdmBalances
      for (const [asset, amount] of Object.entries(held)) engine.deposit(account.id, asset, amount)
      engine.deposit(account.id, 'USDT', '0')
      if (name === 'spot') engine.payFeeCoin(account.id, account.paysFeesInBnb)
      markets[name].balances.record(markets[name].register.openAccount(account.id))
      markets[name].balances.takeChanged(account.id)
    }
  }

  function listedIn(name: VenueMarket, symbol: string): ListedSymbol {
    return halls[name].listed(symbol)
  }

  return {
    faults: createVenueFaults(random.fork('faults')),
    symbols: { spot: [...halls.spot.symbols.keys()], usdm: [...halls.usdm.symbols.keys()] },
    accounts,
    spot: spotMarket.spot,
    usdm: usdmMarket.usdm,
    now,
    after: (ms, task) => clock.schedule(clock.now() + ms, task),
    accountOf: (apiKey) => accounts.find((it) => it.apiKey === apiKey),
    book: (name, symbol) => listedIn(name, symbol).book.snapshot(),
    onMarket(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onUser: (accountId, listener) => users.listen(accountId, listener),
    setSkew(ms) {
      skewMs = ms
    },
    setStatus: (name, symbol, status) => halls[name].setStatus(listedIn(name, symbol), status),
    setFilters: (name, symbol, filters) => listedIn(name, symbol).changeFilters(filters),
    endOrder(accountId, name, symbol, clientOrderId, as) {
      const { register } = markets[name]
      const order = register.account(accountId).named(listedIn(name, symbol).rules.id, clientOrderId)
      if (order === undefined || !order.isLive) throw new VenueError(-2011, 'Unknown order sent.')
      register.revoke(order, as)
      flush()
    },
    movePrice: (name, symbol, price) => halls[name].movePrice(listedIn(name, symbol), unitsOf(price)),
    printTrade: (name, symbol, price, quantity, takerSide) =>
      halls[name].print(
        listedIn(name, symbol),
        unitsOf(price),
        unitsOf(quantity),
        takerSide === 'BUY' ? 'buy' : 'sell',
      ),
    deposit(accountId, name, asset, amount) {
      const { register, balances, tellBalances } = markets[name]
      const records = register.account(accountId)
      const { engine } = halls[name]
      const units = unitsOf(amount)
      if (units >= 0n) engine.deposit(accountId, asset, plainText(units))
      else if (!engine.withdraw(accountId, asset, plainText(-units))) {
        throw new VenueError(-4026, 'User has insufficient balance')
      }
      balances.record(records)
      if (name === 'spot') {
        users.push(accountId, name, 'balanceUpdate', { e: 'balanceUpdate', E: now(), a: asset, d: amount, T: now() })
      }
      tellBalances(accountId)
      flush()
    },
    setIndexingLag(range) {
      indexingLag = range
    },
    truth: () => venueTruth(accounts, now(), halls, markets),
    close() {
      halls.spot.close()
      usdmMarket.stop()
      halls.usdm.close()
      market.close()
      users.close()
    },
  }
}

function accountOf({ id, apiKey, secret, publicKey }: ResolvedVenueWorldOptions['accounts'][number]): VenueAccount {
  return publicKey === undefined ? { id, apiKey, secret } : { id, apiKey, secret, publicKey }
}

function drawn(random: Random, label: string, range: () => VenueRangeMs): () => number {
  const chance = random.fork(label)
  return () => {
    const { from, to } = range()
    return from === to ? from : from + chance.integer(to - from + 1)
  }
}

/** Ids for orders that the client did not name: 22 characters, as the venue makes them. */
function idMaker(chance: Random): () => string {
  return () => Array.from({ length: 22 }, () => idAlphabet[chance.integer(idAlphabet.length)]).join('')
}
