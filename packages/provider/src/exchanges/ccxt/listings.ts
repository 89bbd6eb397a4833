import { BarfinexError, type Instrument, type InstrumentRules, instrumentRules, type OrderType } from '@barfinex/core'
import type { OrderLimit } from './call-budget.js'
import { type FeeRates, type Listing, listingOf, wireTypes } from './instruments.js'
import { exchangeInfoReply, type SymbolReply } from './reply-schemas.js'
import type { Rest } from './rest.js'

/** The exchange's markets, all of them by name, those that are served with their newest rules. */
export class Listings {
  private readonly symbols = new Map<string, string>()
  private readonly served = new Map<string, Listing>()
  private readonly rules = new Map<string, InstrumentRules>()
  private fees: FeeRates = { maker: '0', taker: '0' }
  /** Weight that may be used in a minute; 0 where the exchange does not say. */
  weightLimit = 0
  /** Orders that may be placed within seconds, not counting days; `null` where the exchange does not say. */
  orderLimit: OrderLimit | null = null

  constructor(
    private readonly exchange: string,
    private readonly rest: Rest,
  ) {}

  /** Reads all markets. Throws `exchange.not-supported` for a symbol that is not a spot market there. */
  async load(symbols: readonly string[], fees: FeeRates): Promise<readonly Instrument[]> {
    this.fees = fees
    // A start must not wait for the next minute: what is open has to be looked after.
    const reply = await this.rest.call('exchangeInfo', exchangeInfoReply, {}, 'urgent')
    const limit = reply.rateLimits.find((it) => it.rateLimitType === 'REQUEST_WEIGHT' && it.interval === 'MINUTE')
    this.weightLimit = limit === undefined ? 0 : Math.floor(limit.limit / limit.intervalNum)
    const orders = reply.rateLimits.find((it) => it.rateLimitType === 'ORDERS' && it.interval === 'SECOND')
    this.orderLimit = orders === undefined ? null : { count: orders.limit, perMs: orders.intervalNum * 1_000 }
    const wanted = new Set(symbols)
    for (const it of reply.symbols) {
      const symbol = `${it.baseAsset}/${it.quoteAsset}`
      this.symbols.set(it.symbol, symbol)
      if (wanted.has(symbol)) this.take(it)
    }
    const missing = symbols.filter((it) => !this.served.has(it))
    if (missing.length > 0) {
      const message = `${this.exchange} has no spot market ${missing.join(', ')}. Symbols are written BASE/QUOTE.`
      throw new BarfinexError('exchange.not-supported', message)
    }
    return this.instruments
  }

  /** Reads rules and status of what is served again. */
  async refresh(): Promise<void> {
    const ids = [...this.served.values()].map((it) => it.marketId)
    const reply = await this.rest.call('exchangeInfo', exchangeInfoReply, { symbols: JSON.stringify(ids) })
    for (const it of reply.symbols) this.take(it)
  }

  get instruments(): readonly Instrument[] {
    return [...this.served.values()].map((it) => it.instrument)
  }

  get all(): readonly Listing[] {
    return [...this.served.values()]
  }

  /** What is served under our name. */
  of(symbol: string): Listing | undefined {
    return this.served.get(symbol)
  }

  rulesOf(symbol: string): InstrumentRules | undefined {
    return this.rules.get(symbol)
  }

  /** Our name of any market of the exchange. */
  symbolOf(marketId: string): string | undefined {
    return this.symbols.get(marketId)
  }

  /** Types that every served market takes. */
  get orderTypes(): readonly OrderType[] {
    const types = Object.keys(wireTypes) as (keyof typeof wireTypes)[]
    return types.filter((type) => this.all.every((it) => it.orderTypes.includes(wireTypes[type])))
  }

  private take(reply: SymbolReply): void {
    const symbol = `${reply.baseAsset}/${reply.quoteAsset}`
    const before = this.served.get(symbol)?.instrument ?? null
    const listing = listingOf(this.exchange, reply, this.fees, before)
    if (listing === null) return
    this.served.set(symbol, listing)
    this.rules.set(symbol, instrumentRules(listing.instrument))
  }
}
