import type { CancelTask, Clock, Random } from '@barfinex/core'
import { plainText, product, type Units, unitsNear } from './amount.js'
import type { ListedSymbol } from './listed-symbol.js'
import type { MarketHall } from './market-hall.js'
import { markPriceOf, type UsdmPositions } from './usdm-positions.js'

/** One payment of funding; below zero was paid, above zero received. */
export interface FundingPayment {
  readonly listed: ListedSymbol
  readonly accountId: string
  readonly amount: Units
  readonly asset: string
  readonly id: number
  readonly time: number
}

/** One symbol's rate at one instant. */
export interface FundingRate {
  readonly listed: ListedSymbol
  readonly rate: Units
  readonly markPrice: Units
  readonly time: number
}

const hourMs = 3_600_000
/** Rates lie around one basis point. */
const meanRate = 0.000_1

export interface FundingOptions {
  readonly hall: MarketHall
  readonly positions: UsdmPositions
  readonly clock: Clock
  readonly now: () => number
  readonly everyHours: number
  readonly random: Random
  readonly accounts: () => Iterable<string>
  readonly pay: (payment: FundingPayment) => void
}

/** Funding of the perpetuals: at every full interval longs pay shorts the symbol's rate on what they hold, or the other way round. */
export class Funding {
  readonly rates: FundingRate[] = []
  readonly payments: FundingPayment[] = []
  private readonly nextRates = new Map<ListedSymbol, Units>()
  private readonly everyMs: number
  private cancel: CancelTask = () => {}

  constructor(private readonly options: FundingOptions) {
    this.everyMs = options.everyHours * hourMs
    this.plan()
  }

  /** The rate that will be paid next. */
  rateOf(listed: ListedSymbol): Units {
    let rate = this.nextRates.get(listed)
    if (rate === undefined) {
      rate = unitsNear(meanRate * (1 + 0.5 * this.options.random.normal()))
      this.nextRates.set(listed, rate)
    }
    return rate
  }

  get nextAt(): number {
    const now = this.options.clock.now()
    return now - (now % this.everyMs) + this.everyMs
  }

  stop(): void {
    this.cancel()
  }

  private plan(): void {
    this.cancel = this.options.clock.schedule(this.nextAt, () => {
      this.settle()
      this.plan()
    })
  }

  private settle(): void {
    const { hall, positions, accounts, pay, now } = this.options
    const symbols = [...hall.symbols.values()]
    for (const listed of symbols) {
      this.rates.push({ listed, rate: this.rateOf(listed), markPrice: markPriceOf(listed), time: now() })
    }
    for (const accountId of accounts()) {
      for (const { listed, quantity, markPrice } of positions.of(accountId, symbols)) {
        if (quantity === 0n) continue
        const amount = -product(product(markPrice, quantity), this.rateOf(listed))
        const { settle: asset } = listed.rules.instrument
        hall.engine.fund(accountId, listed.rules.symbol, plainText(amount))
        const payment = { listed, accountId, amount, asset, id: this.payments.length + 1, time: now() }
        this.payments.push(payment)
        pay(payment)
      }
    }
    this.nextRates.clear()
  }
}
