import type { Act, Reason } from '@barfinex/core'

/** What Inspector has asked for so far: which symbols and strategies are to be quiet, and until when. */
export class Quiet {
  private readonly acts: Act[] = []

  apply(act: Act): void {
    if (act.type === 'resume') {
      const rest = this.acts.filter((it) => !covers(act, it.strategyId, it.symbol))
      this.acts.splice(0, this.acts.length, ...rest)
      return
    }
    this.acts.push(act)
  }

  /** Why a signal may not leave now, or `null`. */
  reason(strategyId: string, symbol: string, now: number): Reason | null {
    for (let index = this.acts.length - 1; index >= 0; index -= 1) {
      const act = this.acts[index] as Act
      if (act.until !== null && now >= act.until) {
        this.acts.splice(index, 1)
        continue
      }
      if (!covers(act, strategyId, symbol)) continue
      return {
        code: act.type === 'throttle' ? 'detector.throttled' : 'detector.standing-down',
        message: `Inspector asked for quiet: ${act.reason.message}`.slice(0, 500),
        limit: act.until,
        observed: now,
      }
    }
    return null
  }
}

function covers(act: Act, strategyId: string | null, symbol: string | null): boolean {
  return (act.strategyId === null || act.strategyId === strategyId) && (act.symbol === null || act.symbol === symbol)
}
