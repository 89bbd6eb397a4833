import { applyFill, type CostRounding, flatPosition, type Position, type PositionFill } from '@barfinex/core'

/** A fill with its place in the one order in which fills are folded. */
export interface PlacedFill extends PositionFill {
  readonly tradeId: string
}

/** Newest fills kept apart, so that one that comes late can still take its place. */
const openTail = 512

/**
 * One symbol's position. Mean cost depends on the order of fills, so they are folded by exchange time and trade id, however
 * they arrive: one that comes late is put in its place and what follows is folded again.
 */
export class PositionFold {
  private settled: Position
  private tail: PlacedFill[] = []
  private folded: Position

  constructor(
    symbol: string,
    private readonly costRounding: CostRounding,
  ) {
    this.settled = flatPosition(symbol)
    this.folded = this.settled
  }

  get position(): Position {
    return this.folded
  }

  add(fill: PlacedFill): void {
    let at = this.tail.length
    while (at > 0 && isBefore(fill, this.tail[at - 1] as PlacedFill)) at -= 1
    this.tail.splice(at, 0, fill)
    this.folded =
      at === this.tail.length - 1
        ? applyFill(this.folded, fill, this.costRounding)
        : this.tail.reduce((position, it) => applyFill(position, it, this.costRounding), this.settled)
    if (this.tail.length <= openTail * 2) return
    for (const it of this.tail.splice(0, openTail)) this.settled = applyFill(this.settled, it, this.costRounding)
  }

  /** Takes the exchange's word for what is held. */
  adopt(position: Pick<Position, 'signedQuantity' | 'openCost' | 'openedAt'>): void {
    this.settled = { ...this.folded, ...position }
    this.folded = this.settled
    this.tail = []
  }
}

function isBefore(a: PlacedFill, b: PlacedFill): boolean {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt
  // Counting ids of one length compare as text; a longer one is a later one.
  return a.tradeId.length === b.tradeId.length ? a.tradeId < b.tradeId : a.tradeId.length < b.tradeId.length
}
