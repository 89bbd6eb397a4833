import type { TradingState } from '@barfinex/core'

type State = TradingState['state']

const strictness: Readonly<Record<State, number>> = { active: 0, reduceOnly: 1, halted: 2 }

/**
 * Which Inspector guards the account, and where it says trading stands. The number is raised by seals alone: who can say something on
 * the bus must not be able to lock the true Inspector out. A trading state of a higher number than any seal is a claim: it can make
 * things stricter and nothing else, until a seal of that number has been seen.
 */
export class InspectorEpoch {
  private highest = 0
  private said: State = 'active'
  private claim: { readonly epoch: number; readonly state: State } | null = null

  /** Highest number that something was sealed with. */
  get proven(): number {
    return this.highest
  }

  /** Where trading stands: as said by the one that is proven, or as claimed where that is stricter. */
  get tradingState(): State {
    return this.claim === null ? this.said : stricter(this.said, this.claim.state)
  }

  /** Number that is claimed above the proven one by somebody who has sealed nothing yet; else `null`. */
  get claimed(): number | null {
    return this.claim?.epoch ?? null
  }

  /** Takes the number of an approval whose seal was verified. */
  learnSeal(epoch: number): void {
    if (epoch <= this.highest) return
    this.highest = epoch
    if (this.claim === null || this.claim.epoch > epoch) return
    // What one between has said is not taken for the word of this one, but may be a halt that it keeps.
    this.said = this.claim.epoch === epoch ? this.claim.state : stricter(this.said, this.claim.state)
    this.claim = null
  }

  /** Takes a trading state, which nobody has sealed. The last words of one that has been replaced are not heard. */
  learnWord(epoch: number, state: State): void {
    if (epoch < this.highest) return
    if (epoch === this.highest) this.said = state
    else if (this.claim === null || epoch === this.claim.epoch) this.claim = { epoch, state }
    else {
      // Only the highest claim is kept; of the others what is strict.
      const lower = epoch > this.claim.epoch ? this.claim.state : state
      this.said = stricter(this.said, lower)
      if (epoch > this.claim.epoch) this.claim = { epoch, state }
    }
  }
}

function stricter(one: State, other: State): State {
  return strictness[one] >= strictness[other] ? one : other
}
