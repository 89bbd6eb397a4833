import type { Synthesis } from './synthesis.js'

interface Kept {
  readonly expiresAt: number
  readonly synthesis: Promise<Synthesis>
}

/**
 * Equal requests share one conversation until their bar has ended, also while it is under way. Only exact equality counts.
 * Failures are shared too: asking again within the bar would make a decision depend on how often the question came up.
 */
export class AnswerCache {
  private readonly kept = new Map<string, Kept>()

  /** What is known of the request, or `null`. Kernel time. */
  find(key: string, now: number): Promise<Synthesis> | null {
    for (const [name, { expiresAt }] of this.kept) if (expiresAt <= now) this.kept.delete(name)
    return this.kept.get(key)?.synthesis ?? null
  }

  keep(key: string, expiresAt: number, synthesis: Promise<Synthesis>): void {
    this.kept.set(key, { expiresAt, synthesis })
  }
}
