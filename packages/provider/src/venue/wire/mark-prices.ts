import type { VenueReply, VenueWorld } from '../venue-world.js'

/** How often each stream of mark prices tells, in seconds of the venue. */
const speeds = [
  ['', 3],
  ['@1s', 1],
] as const

/** Tells the mark price and the funding of every perpetual, every second and every third. Returns how to end it. */
export function tellMarkPrices(world: VenueWorld, push: (stream: string, make: () => object) => void): () => void {
  let seconds = 0
  let cancel = () => {}
  function turn(): void {
    cancel = world.after(1_000, () => {
      seconds += 1
      for (const [suffix, every] of speeds) if (seconds % every === 0) tell(suffix)
      turn()
    })
  }
  function tell(suffix: string): void {
    const frameOf = (symbol: string) => markFrame(world.usdm.premiumIndex({ symbol }) as VenueReply, world.now())
    for (const symbol of world.symbols.usdm) push(`${symbol.toLowerCase()}@markPrice${suffix}`, () => frameOf(symbol))
    push(`!markPrice@arr${suffix}`, () => world.symbols.usdm.map(frameOf))
  }
  turn()
  return () => cancel()
}

function markFrame(row: VenueReply, now: number): object {
  return {
    e: 'markPriceUpdate',
    E: now,
    s: row['symbol'],
    p: row['markPrice'],
    i: row['indexPrice'],
    P: row['estimatedSettlePrice'],
    r: row['lastFundingRate'],
    T: row['nextFundingTime'],
  }
}
