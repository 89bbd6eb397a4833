import type { TradingState } from '@barfinex/core'

type State = TradingState['state']

interface Claim {
  readonly state: State
  /** Position of the word among all that were heard. */
  readonly heardAs: number
}

const strictness: Readonly<Record<State, number>> = { active: 0, reduceOnly: 1, halted: 2 }

/** Numbers above the proven one that are told apart; of what is said under more of them only what is strict is kept. */
const rememberedClaims = 16

/**
 * Which Inspector guards the account, and where it says trading stands. The number is raised by seals alone: who can say something on
 * the bus must not be able to lock the true Inspector out. A trading state of a higher number than any seal is a claim: it can make
 * things stricter and nothing else, until a seal of that number has been seen, or until it is known that the number was never given.
 */
export class InspectorEpoch {
  private highest = 0
  private said: State = 'active'
  private readonly claims = new Map<number, Claim>()
  private wordCount = 0

  /** Highest number that something was sealed with. */
  get proven(): number {
    return this.highest
  }

  /** Where trading stands: as said by the one that is proven, or as claimed where that is stricter. */
  get tradingState(): State {
    return [...this.claims.values()].reduce((strictest, { state }) => stricter(strictest, state), this.said)
  }

  /** Highest number that is claimed above the proven one by somebody who has sealed nothing yet; else `null`. */
  get claimed(): number | null {
    return this.claims.size === 0 ? null : Math.max(...this.claims.keys())
  }

  /** Words heard so far: {@link dismiss} judges those before an instant. */
  get heard(): number {
    return this.wordCount
  }

  /** Takes the number of an approval whose seal was verified. */
  learnSeal(epoch: number): void {
    if (epoch <= this.highest) return
    this.highest = epoch
    const own = this.claims.get(epoch)
    for (const [number, { state }] of this.claims) {
      if (number > epoch) continue
      // What one between has said is not taken for the word of this one, but may be a halt that it keeps.
      this.said = stricter(this.said, state)
      this.claims.delete(number)
    }
    if (own !== undefined) this.said = own.state
  }

  /** Takes a trading state, which nobody has sealed. The last words of one that has been replaced are not heard. */
  learnWord(epoch: number, state: State): void {
    if (epoch < this.highest) return
    if (epoch === this.highest) {
      this.said = state
      return
    }
    this.wordCount += 1
    this.claims.set(epoch, { state, heardAs: this.wordCount })
    if (this.claims.size > rememberedClaims) this.joinLowest()
  }

  /**
   * Forgets what was claimed under numbers above `given` by the time that so many words had been heard: nobody had been given one of them.
   * Returns the highest of them; `null` when there was none.
   */
  dismiss(given: number, heard: number): number | null {
    const unknown = [...this.claims].filter(([epoch, { heardAs }]) => epoch > given && heardAs <= heard)
    for (const [epoch] of unknown) this.claims.delete(epoch)
    return unknown.length === 0 ? null : Math.max(...unknown.map(([epoch]) => epoch))
  }

  private joinLowest(): void {
    const [lowest, next] = [...this.claims.keys()].sort((a, b) => a - b) as [number, number]
    const [one, other] = [this.claims.get(lowest), this.claims.get(next)] as [Claim, Claim]
    const heardAs = Math.max(one.heardAs, other.heardAs)
    this.claims.set(lowest, { state: stricter(one.state, other.state), heardAs })
    this.claims.delete(next)
  }
}

function stricter(one: State, other: State): State {
  return strictness[one] >= strictness[other] ? one : other
}
