interface Version<T> {
  readonly visibleAt: number
  readonly value: T
}

/** A record's versions and the instants from which the reads may see them: the index that follows the engine with some lag. */
export class Timeline<T> {
  private readonly versions: Version<T>[] = []

  /** Later versions never become visible before earlier ones. */
  push(value: T, visibleAt: number): void {
    const last = this.versions.at(-1)
    const from = last === undefined ? visibleAt : Math.max(last.visibleAt, visibleAt)
    if (last?.visibleAt === from) this.versions.pop()
    this.versions.push({ value, visibleAt: from })
  }

  /** What a read sees at an instant; `undefined` before the first version. */
  at(now: number): T | undefined {
    for (let index = this.versions.length - 1; index >= 0; index -= 1) {
      const version = this.versions[index] as Version<T>
      if (version.visibleAt <= now) return version.value
    }
    return undefined
  }

  /** When the newest version becomes visible. */
  get settledAt(): number {
    return this.versions.at(-1)?.visibleAt ?? Number.NEGATIVE_INFINITY
  }
}
