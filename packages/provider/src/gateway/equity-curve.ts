import { type AccountState, type Candle, Decimal, decimal, type EquityPoint, type Quote } from '@barfinex/core'

interface Told {
  readonly state: AccountState
  /** Prices of the open positions when the ledger spoke; `undefined` where there was none yet. */
  readonly prices: ReadonlyMap<string, number | undefined>
}

/**
 * The account's worth between two words of the ledger: its last equity, carried on by what the prices of the open positions
 * have done since. For showing; whoever decides reads the ledger.
 */
export class EquityCurve {
  private readonly prices = new Map<string, number>()
  private readonly symbolsQuoted = new Set<string>()
  private newestBar = 0
  private readonly accounts = new Map<string, Told>()

  constructor(private readonly put: (point: EquityPoint) => void) {}

  told(state: AccountState): void {
    // Without the price of something that is held it would be a fall that never was.
    if (state.unpriced !== undefined) return
    const open = state.positions.filter((it) => it.side !== 'flat')
    const prices = new Map(open.map((it) => [it.symbol, this.prices.get(it.symbol)]))
    this.accounts.set(state.account, { state, prices })
    this.put({ account: state.account, at: state.asOf, equityQuote: state.equityQuote })
  }

  quoted({ symbol, bid, ask }: Quote): void {
    this.symbolsQuoted.add(symbol)
    this.prices.set(symbol, (bid + ask) / 2)
  }

  /** A point at the end of every bar. */
  closed({ symbol, close, closeTime }: Candle): void {
    // A repaired bar comes late and says nothing about now.
    if (closeTime < this.newestBar) return
    this.newestBar = closeTime
    if (!this.symbolsQuoted.has(symbol)) this.prices.set(symbol, close)
    for (const { state, prices } of this.accounts.values()) {
      if (closeTime > state.asOf) {
        this.put({ account: state.account, at: closeTime, equityQuote: this.worthOf(state, prices) })
      }
    }
  }

  private worthOf(state: AccountState, then: Told['prices']): string {
    let gain = 0
    for (const { symbol, side, quantity } of state.positions) {
      const before = then.get(symbol)
      const now = this.prices.get(symbol)
      if (side === 'flat' || before === undefined || now === undefined) continue
      gain += (now - before) * Number(quantity) * (side === 'long' ? 1 : -1)
    }
    return decimal(state.equityQuote)
      .plus(Decimal.fromNumber(Number(gain.toFixed(8))))
      .toString()
  }
}
