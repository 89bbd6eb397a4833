import type { Quote } from '@barfinex/core'

/** A quote that is older than the newest print by more than this no longer speaks for the market, in milliseconds. */
const quoteLifeMs = 1_000

/** The newest price of one symbol. */
export class Mark {
  private mid = Number.NaN
  private midAt = Number.NEGATIVE_INFINITY
  private last = Number.NaN
  private lastAt = Number.NEGATIVE_INFINITY

  quote(quote: Quote): void {
    this.mid = (quote.bid + quote.ask) / 2
    this.midAt = quote.occurredAt
  }

  print(price: number, at: number): void {
    if (at < this.lastAt) return
    this.last = price
    this.lastAt = at
  }

  /** Quote per base, mid of the quote, else last trade or close; `null` before the first. */
  get price(): number | null {
    const price = this.midAt + quoteLifeMs >= this.lastAt ? this.mid : this.last
    return Number.isNaN(price) ? null : price
  }
}

/** The newest price of every symbol, for valuing the account. */
export class Marks {
  private readonly marks = new Map<string, Mark>()

  of(symbol: string): Mark {
    let mark = this.marks.get(symbol)
    if (mark === undefined) {
      mark = new Mark()
      this.marks.set(symbol, mark)
    }
    return mark
  }

  price(symbol: string): number | null {
    return this.marks.get(symbol)?.price ?? null
  }
}
