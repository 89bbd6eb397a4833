import type { Side } from '@barfinex/core'
import { betterOf } from './available-liquidity.js'
import type { SymbolMarket } from './symbol-market.js'

/** One price of the book and all that is offered there, as decimal text. */
export interface DisplayedLevel {
  readonly price: string
  /** In base. */
  readonly quantity: string
}

/** The book as everybody sees it: what others offer and what rests here of our participants, best price first. */
export function displayedLevels(market: SymbolMarket, side: Side, most: number): readonly DisplayedLevel[] {
  const { grid } = market
  const levels: DisplayedLevel[] = []
  const outside = market.external.beside(side).levels()
  const inside = market.beside(side).fromBest()
  let others = outside.next()
  let ours = inside.next()
  while (levels.length < most) {
    const outsideTicks = others.done ? Number.NaN : others.value.ticks
    const insideTicks = ours.done ? Number.NaN : ours.value.ticks
    const ticks = betterOf(outsideTicks, insideTicks, side === 'sell')
    if (Number.isNaN(ticks)) break
    let steps = 0
    if (outsideTicks === ticks && !others.done) {
      steps += others.value.steps
      others = outside.next()
    }
    if (insideTicks === ticks && !ours.done) {
      for (let order = ours.value.first; order !== null; order = order.next) steps += order.remaining
      ours = inside.next()
    }
    levels.push({ price: grid.priceText(ticks), quantity: grid.quantityText(steps) })
  }
  return levels
}
