import type { Quote } from '@barfinex/core'

/** A quote that is older than the newest print by more than this no longer speaks for the market, in milliseconds. */
const quoteLifeMs = 1_000

/** The newest price of one symbol. */
export class Mark {
  private isPriced = false
  private mid = Number.NaN
  private midAt = Number.NEGATIVE_INFINITY
  private last = Number.NaN
  private lastAt = Number.NEGATIVE_INFINITY

  constructor(private readonly onFirstPrice: () => void) {}

  quote(quote: Quote): void {
    this.mid = (quote.bid + quote.ask) / 2
    this.midAt = quote.occurredAt
    if (!this.isPriced) this.begin()
  }

  print(price: number, at: number): void {
    if (at < this.lastAt) return
    this.last = price
    this.lastAt = at
    if (!this.isPriced) this.begin()
  }

  /** Quote per base, mid of the quote, else last trade or close; `null` before the first. */
  get price(): number | null {
    const price = this.midAt + quoteLifeMs >= this.lastAt ? this.mid : this.last
    return Number.isNaN(price) ? null : price
  }

  private begin(): void {
    this.isPriced = true
    this.onFirstPrice()
  }
}

/** The newest price of every symbol, for valuing the account. */
export class Marks {
  private readonly marks = new Map<string, Mark>()
  /** Called when a symbol has got its first price. */
  onFirstPrice: () => void = () => {}

  of(symbol: string): Mark {
    let mark = this.marks.get(symbol)
    if (mark === undefined) {
      mark = new Mark(() => this.onFirstPrice())
      this.marks.set(symbol, mark)
    }
    return mark
  }

  price(symbol: string): number | null {
    return this.marks.get(symbol)?.price ?? null
  }
}
