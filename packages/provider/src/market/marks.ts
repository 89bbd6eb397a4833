import type { Quote } from '@barfinex/core'

interface Mark {
  mid: number
  midAt: number
  last: number
  lastAt: number
}

/** A quote that is older than the newest print by more than this no longer speaks for the market, in milliseconds. */
const quoteLifeMs = 1_000

/** The newest price of every symbol, for valuing the account: mid of the quote, else last trade or close. */
export class Marks {
  private readonly marks = new Map<string, Mark>()

  quote(quote: Quote): void {
    const mark = this.of(quote.symbol)
    mark.mid = (quote.bid + quote.ask) / 2
    mark.midAt = quote.occurredAt
  }

  print(symbol: string, price: number, at: number): void {
    const mark = this.of(symbol)
    if (at < mark.lastAt) return
    mark.last = price
    mark.lastAt = at
  }

  /** Quote per base; `null` before the first price. */
  price(symbol: string): number | null {
    const mark = this.marks.get(symbol)
    if (mark === undefined) return null
    return mark.midAt + quoteLifeMs >= mark.lastAt ? mark.mid : mark.last
  }

  private of(symbol: string): Mark {
    let mark = this.marks.get(symbol)
    if (mark === undefined) {
      mark = { mid: Number.NaN, midAt: Number.NEGATIVE_INFINITY, last: Number.NaN, lastAt: Number.NEGATIVE_INFINITY }
      this.marks.set(symbol, mark)
    }
    return mark
  }
}
