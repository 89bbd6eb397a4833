import type { LlmOptions } from './llm-options.js'

export type CallOutcome = 'answered' | 'failed' | 'deadline' | 'unknown'

/** Leave to make one call. */
export interface Admission {
  readonly isProbe: boolean
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/**
 * Keeps from asking an endpoint that fails. Opens when too many of the last calls failed, or too many deadlines passed in a
 * row; rests, each time longer; then lets one call through, which decides. Kernel time, so that a replay rests alike.
 */
export class Breaker {
  private calls: { readonly at: number; readonly failed: boolean }[] = []
  private timeouts = 0
  private openUntil: number | null = null
  private restMs: number
  private isProbing = false

  constructor(
    private readonly limits: LlmOptions['breaker'],
    private readonly onChange: (state: BreakerState, restMs: number) => void,
  ) {
    this.restMs = limits.openMs
  }

  /** Whether a call may be made now, `null` when not. After a rest only one may, until it has ended: the probe. */
  admit(now: number): Admission | null {
    if (this.openUntil === null) return { isProbe: false }
    if (now < this.openUntil || this.isProbing) return null
    this.isProbing = true
    this.onChange('half-open', 0)
    return { isProbe: true }
  }

  /** Takes the outcome of a call that was admitted; `unknown` when it was not made after all, or was broken off by us. */
  settle(now: number, { isProbe }: Admission, outcome: CallOutcome): void {
    if (isProbe) this.isProbing = false
    if (outcome === 'unknown') return
    const failed = outcome !== 'answered'
    this.timeouts = outcome === 'deadline' ? this.timeouts + 1 : 0
    if (this.openUntil !== null) {
      // Calls that were under way when it opened say nothing about its recovery.
      if (!isProbe) return
      if (failed) {
        this.restMs = Math.min(2 * this.restMs, this.limits.maxOpenMs)
        this.open(now)
      } else this.close()
      return
    }
    this.calls = [...this.calls.filter((it) => it.at > now - this.limits.windowMs), { at: now, failed }].slice(
      -this.limits.windowCalls,
    )
    const failures = this.calls.filter((it) => it.failed).length
    const isTooMany =
      this.calls.length >= this.limits.minCalls && failures >= this.limits.failureShare * this.calls.length
    if (isTooMany || this.timeouts >= this.limits.timeoutsInRow) this.open(now)
  }

  private open(now: number): void {
    this.openUntil = now + this.restMs
    this.onChange('open', this.restMs)
  }

  private close(): void {
    this.openUntil = null
    this.restMs = this.limits.openMs
    this.calls = []
    this.timeouts = 0
    this.onChange('closed', 0)
  }
}
