/** Names kept of each generation; at least as many newest ones are known, and at most twice as many. */
const generation = 20_000

/** Which of our ids goes with which of the exchange's: its trades name orders by theirs alone. */
export class OrderNames {
  private young = new Map<string, string>()
  private old = new Map<string, string>()

  add(symbol: string, exchangeOrderId: string, clientOrderId: string): void {
    this.young.set(`${symbol} ${exchangeOrderId}`, clientOrderId)
    if (this.young.size < generation) return
    this.old = this.young
    this.young = new Map()
  }

  of(symbol: string, exchangeOrderId: string): string | undefined {
    const key = `${symbol} ${exchangeOrderId}`
    return this.young.get(key) ?? this.old.get(key)
  }
}
