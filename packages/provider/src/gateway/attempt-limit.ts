import type { WallTimer } from '@barfinex/core'

const freeAttempts = 10
const longestBlockMs = 60_000
const maxAddresses = 10_000

/**
 * Slows down guessing: after ten wrong credentials in a row an address waits 1 s, then 2 s, 4 s … up to a minute before it is
 * answered about another wrong one. Right credentials are not held up: whoever shares an address with a guesser keeps access.
 */
export class AttemptLimit {
  private readonly failures = new Map<string, { count: number; blockedUntil: number }>()

  constructor(private readonly timer: Pick<WallTimer, 'now'>) {}

  /** Milliseconds this address still has to wait; 0 when it may try. */
  waitMs(address: string): number {
    const known = this.failures.get(address)
    return known === undefined ? 0 : Math.max(0, known.blockedUntil - this.timer.now())
  }

  failed(address: string): void {
    const count = (this.failures.get(address)?.count ?? 0) + 1
    const blockMs = count < freeAttempts ? 0 : Math.min(longestBlockMs, 1_000 * 2 ** (count - freeAttempts))
    this.failures.delete(address)
    this.failures.set(address, { count, blockedUntil: this.timer.now() + blockMs })
    if (this.failures.size > maxAddresses) {
      for (const oldest of this.failures.keys()) {
        this.failures.delete(oldest)
        break
      }
    }
  }

  succeeded(address: string): void {
    this.failures.delete(address)
  }
}
