/** A set that forgets its oldest members beyond a bound. */
export interface BoundedSet {
  /** False when it was there already. */
  add(member: string): boolean
  has(member: string): boolean
}

export function createBoundedSet(mostCount: number): BoundedSet {
  const members = new Set<string>()
  return {
    add(member) {
      if (members.has(member)) return false
      members.add(member)
      if (members.size > mostCount) members.delete(members.values().next().value as string)
      return true
    },
    has: (member) => members.has(member),
  }
}
