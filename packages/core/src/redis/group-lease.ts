import type { WallTimer } from '../runtime/wall-timer.js'
import type { GroupStore } from './group-store.js'

/** The right to be the active member of a group, judged by a clock that does not leap, from before it was asked for. */
export class GroupLease {
  private until = Number.NEGATIVE_INFINITY

  constructor(
    private readonly store: GroupStore,
    private readonly timer: WallTimer,
    private readonly leaseMs: number,
  ) {}

  /** True while no other process can be the active member. */
  get isHeld(): boolean {
    return this.timer.now() < this.until
  }

  /** True when it is held and should be renewed before much more happens. */
  get isLow(): boolean {
    return this.isHeld && this.until - this.timer.now() < this.leaseMs / 2
  }

  /** Takes it, or renews it when a third of its time is over. False while another process has it. */
  async hold(): Promise<boolean> {
    const asked = this.timer.now()
    if (this.until - asked >= (this.leaseMs * 2) / 3) return true
    const isHeld = await this.store.hold()
    this.until = isHeld ? asked + this.leaseMs : Number.NEGATIVE_INFINITY
    return isHeld
  }

  /** Gives it back. A server that is away forgets it by itself. */
  async leave(): Promise<void> {
    if (!this.isHeld) return
    this.until = Number.NEGATIVE_INFINITY
    await this.store.leave().catch(() => {})
  }
}
