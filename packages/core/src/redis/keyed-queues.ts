import { Fifo } from '../bus/fifo.js'
import type { Kernel } from './kernel.js'

/** What waits behind a handler that takes its time. */
interface Line<Item> {
  isBusy: boolean
  readonly items: Fifo<Item>
}

/** What happens when a key's line is full. */
export type FullRule = 'drop-oldest' | 'keep-newest' | 'refuse'

/**
 * One reader's work: items of a key one after the other, those of other keys meanwhile. A handler that returns no promise runs at once.
 */
export class KeyedQueues<Item> {
  private readonly lines = new Map<string, Line<Item>>()
  private isOpen = true
  waitingCount = 0

  constructor(
    private readonly kernel: Kernel,
    private readonly limit: number,
    private readonly rule: FullRule,
    /** Must not throw: faults are its own business. */
    private readonly run: (item: Item) => Promise<unknown> | undefined,
    private readonly onDrop: () => void = () => {},
    /** Called when something that waited has been taken up. */
    private readonly onSpace: () => void = () => {},
  ) {}

  /** True when anything is running or waiting. */
  get isBusy(): boolean {
    return this.lines.size > 0
  }

  /** False when the line is full and its rule is to refuse. */
  offer(key: string, item: Item): boolean {
    const line = this.lines.get(key)
    if (line === undefined) {
      this.start(key, null, item)
      return true
    }
    if (line.items.length >= (this.rule === 'keep-newest' ? 1 : this.limit)) {
      if (this.rule === 'refuse') return false
      line.items.shift()
      this.count(-1)
      if (this.rule === 'drop-oldest') this.onDrop()
    }
    line.items.push(item)
    this.count(1)
    return true
  }

  /** True when one more item of this key would be refused. */
  isFull(key: string): boolean {
    return (this.lines.get(key)?.items.length ?? 0) >= this.limit
  }

  /** Takes an item beyond the limit. */
  force(key: string, item: Item): void {
    const line = this.lines.get(key)
    if (line === undefined) this.start(key, null, item)
    else {
      line.items.push(item)
      this.count(1)
    }
  }

  /** Forgets what waits; what runs goes on. */
  clear(onForgotten: (item: Item) => void = () => {}): void {
    for (const { items } of this.lines.values()) {
      this.count(-items.length)
      for (let item = items.shift(); item !== undefined; item = items.shift()) onForgotten(item)
    }
  }

  close(): void {
    this.clear()
    this.isOpen = false
  }

  private count(change: number): void {
    this.waitingCount += change
    this.kernel.counts.queued += change
  }

  private start(key: string, known: Line<Item> | null, item: Item): void {
    const running = this.run(item)
    if (running === undefined) return
    const line = known ?? { isBusy: true, items: new Fifo<Item>() }
    line.isBusy = true
    this.lines.set(key, line)
    this.kernel.begun()
    running.then(() => {
      this.kernel.turn(() => {
        line.isBusy = false
        this.next(key, line)
      })
      this.kernel.ended()
    })
  }

  private next(key: string, line: Line<Item>): void {
    while (!line.isBusy) {
      const item = line.items.shift()
      if (item === undefined) {
        this.lines.delete(key)
        break
      }
      this.count(-1)
      if (this.isOpen) this.start(key, line, item)
    }
    this.onSpace()
  }
}
