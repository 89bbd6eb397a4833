/** Remembers at least the newest `generation` ids and at most twice as many, to tell a repetition from news. */
export class RecentIds {
  private young = new Set<string>()
  private old = new Set<string>()

  constructor(private readonly generation: number) {}

  has(id: string): boolean {
    return this.young.has(id) || this.old.has(id)
  }

  add(id: string): void {
    this.young.add(id)
    if (this.young.size < this.generation) return
    this.old = this.young
    this.young = new Set()
  }
}
