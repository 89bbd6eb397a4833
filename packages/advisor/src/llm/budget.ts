import type { LlmOptions } from './llm-options.js'
import type { CountedTokens } from './read-completion.js'

/** A day's tokens of one model, whole numbers: money is computed from their sums, so nothing is lost by rounding. */
interface Spent {
  tokensIn: number
  tokensOut: number
}

/** A call that was permitted, with the tokens set aside for it. */
export interface Reservation {
  readonly day: number
  readonly model: string
  readonly tokensIn: number
  readonly tokensOut: number
}

/** Which cap stands in the way. */
export type BudgetCap = 'tokensIn' | 'tokensPerDay' | 'perDecisionUsd' | 'perDayUsd' | 'callsPerHourPerSymbol'

const hourMs = 3_600_000
const dayMs = 86_400_000

/**
 * What calls may cost and have cost. A call is permitted only when the caps hold even if it uses all that is set aside for
 * it; afterwards the endpoint's own count takes that place. Days are days of UTC in kernel time.
 */
export class BudgetLedger {
  private day = -1
  private readonly spent = new Map<string, Spent>()
  private readonly calls = new Map<string, number[]>()

  constructor(private readonly limits: LlmOptions['budget']) {}

  /** Sets aside what a call may use, or names the cap that forbids it. `decisionUsd` is what the decision has cost so far. */
  reserve(
    now: number,
    symbol: string,
    model: string,
    estimatedTokensIn: number,
    decisionUsd: number,
  ): Reservation | BudgetCap {
    this.turn(now)
    const { tokensIn, tokensOut, tokensPerDay, perDecisionUsd, perDayUsd, callsPerHourPerSymbol } = this.limits
    if (estimatedTokensIn > tokensIn) return 'tokensIn'
    const recent = (this.calls.get(symbol) ?? []).filter((at) => at > now - hourMs)
    if (recent.length >= callsPerHourPerSymbol) return 'callsPerHourPerSymbol'
    const wanted = { tokensIn: estimatedTokensIn, tokensOut }
    if (this.tokensToday() + wanted.tokensIn + wanted.tokensOut > tokensPerDay) return 'tokensPerDay'
    const cost = this.costOf(model, wanted) ?? 0
    if (decisionUsd + cost > perDecisionUsd) return 'perDecisionUsd'
    if (this.usdToday(model, wanted) > perDayUsd) return 'perDayUsd'
    this.calls.set(symbol, [...recent, now])
    this.add(model, wanted)
    return { day: this.day, model, ...wanted }
  }

  /**
   * Replaces what was set aside by what was used. `null`: the endpoint did not say, or nobody knows whether it worked; the
   * call is taken to have used all of it.
   */
  settle({ day, model, tokensIn, tokensOut }: Reservation, used: CountedTokens | null): CountedTokens {
    const known = used ?? { tokensIn, tokensOut }
    // A call of yesterday was counted there.
    if (day === this.day) {
      this.add(model, { tokensIn: known.tokensIn - tokensIn, tokensOut: known.tokensOut - tokensOut })
    }
    return known
  }

  /** Counts a call that an earlier run of the process made. */
  remember(now: number, at: number, symbol: string, model: string, used: CountedTokens & { callCount: number }): void {
    this.turn(now)
    if (Math.floor(at / dayMs) === this.day) this.add(model, used)
    if (at > now - hourMs) {
      this.calls.set(symbol, [...(this.calls.get(symbol) ?? []), ...Array<number>(used.callCount).fill(at)])
    }
  }

  /** US dollars for so many tokens; `null` when the model has no price. */
  costOf(model: string, { tokensIn, tokensOut }: CountedTokens): number | null {
    const price = this.limits.priceTable[model]
    if (price === undefined) return null
    return (tokensIn * price.inputUsdPerMillion + tokensOut * price.outputUsdPerMillion) / 1e6
  }

  /** The day's tokens by model, with what is set aside. */
  today(): ReadonlyMap<string, Readonly<Spent>> {
    return this.spent
  }

  private turn(now: number): void {
    const day = Math.floor(now / dayMs)
    if (day === this.day) return
    this.day = day
    this.spent.clear()
  }

  private add(model: string, { tokensIn, tokensOut }: CountedTokens): void {
    const { tokensIn: before = 0, tokensOut: beforeOut = 0 } = this.spent.get(model) ?? {}
    this.spent.set(model, { tokensIn: before + tokensIn, tokensOut: beforeOut + tokensOut })
  }

  private tokensToday(): number {
    return [...this.spent.values()].reduce((sum, it) => sum + it.tokensIn + it.tokensOut, 0)
  }

  private usdToday(model: string, more: CountedTokens): number {
    const sums = new Map<string, CountedTokens>(this.spent)
    const { tokensIn, tokensOut } = sums.get(model) ?? { tokensIn: 0, tokensOut: 0 }
    sums.set(model, { tokensIn: tokensIn + more.tokensIn, tokensOut: tokensOut + more.tokensOut })
    return [...sums].reduce((sum, [name, used]) => sum + (this.costOf(name, used) ?? 0), 0)
  }
}
