import type { Handler } from '../bus/bus.js'
import { rememberedKeys } from '../bus/route.js'

/** One handler among those of this process that share a group's work. */
export interface Member {
  readonly handler: Handler<never>
  readonly keys: ReadonlySet<string> | null
}

/** Who of this process takes which key: the same member as long as the members stay, and keys go round among those that want them. */
export class GroupMembers {
  private members: readonly Member[] = []
  private readonly byKey = new Map<string, Member>()

  get isEmpty(): boolean {
    return this.members.length === 0
  }

  add(member: Member): void {
    this.members = [...this.members, member]
    this.byKey.clear()
  }

  remove(member: Member): void {
    this.members = this.members.filter((it) => it !== member)
    this.byKey.clear()
  }

  clear(): void {
    this.members = []
    this.byKey.clear()
  }

  /** `undefined` when nobody wants the key. */
  of(key: string): Member | undefined {
    const known = this.byKey.get(key)
    if (known !== undefined) return known
    const willing = this.members.filter(({ keys }) => keys === null || keys.has(key))
    const member = willing[this.byKey.size % Math.max(1, willing.length)]
    // Keys that come once (an act's id) must not pile up.
    if (this.byKey.size >= rememberedKeys) this.byKey.clear()
    if (member !== undefined) this.byKey.set(key, member)
    return member
  }
}
