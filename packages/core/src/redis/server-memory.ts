import type { Redis } from 'ioredis'
import type { Channel } from '../flow/channel.js'
import type { AlarmListener } from './alarm.js'
import { callFunction } from './function-call.js'
import type { Kernel } from './kernel.js'
import type { Keys } from './keys.js'
import type { Outgoing } from './outgoing.js'

export interface ServerMemoryOptions {
  readonly out: Redis
  readonly work: Redis
  readonly keys: Keys
  readonly kernel: Kernel
  readonly onAlarm: AlarmListener
  readonly retainedCount: number
  /** Says something again. */
  readonly say: (message: Outgoing) => void
}

/** Entries added to a stream by this process between two looks at its length. */
const entriesPerTrim = 512

/** What the server has confirmed to this process: it must not forget it, and must not keep it for ever. */
export class ServerMemory {
  /** The newest entry of each channel that was confirmed. */
  private readonly places = new Map<string, string>()
  private readonly addedSinceTrim = new Map<string, number>()
  /** The last values this process has said. */
  private readonly state = new Map<string, Outgoing>()

  constructor(private readonly options: ServerMemoryOptions) {}

  keep(message: Outgoing): void {
    this.state.set(`${message.channel.name} ${message.envelope.key}`, message)
  }

  placed(channel: Channel<never>, streamId: string, count: number): void {
    this.places.set(channel.name, streamId)
    const added = (this.addedSinceTrim.get(channel.name) ?? 0) + count
    this.addedSinceTrim.set(channel.name, added < entriesPerTrim ? added : 0)
    if (added >= entriesPerTrim) this.trim(channel)
  }

  /** After a break: entries that were confirmed must be there. A server that has forgotten one has forgotten more. */
  async check(): Promise<void> {
    const { out, keys } = this.options
    for (const [channel, streamId] of [...this.places]) {
      const place = await callFunction(out, 'place', [keys.stream(channel), keys.ids(channel)], [streamId])
      if (Array.isArray(place) && String(place[1]) === 'gone') this.lost(channel)
    }
  }

  /** It has forgotten: everybody is told, and gets at least our state again. */
  lost(channel: string | null): void {
    this.options.kernel.counts.memoryLosses += 1
    this.places.clear()
    const what =
      channel === null ? 'Redis came back without its memory' : `Redis has forgotten what it had of ${channel}`
    const message = `${what}. Reconcile with the exchange before anything new is opened.`
    this.options.onAlarm({ kind: 'memory-lost', channel, message })
    for (const own of this.state.values()) this.options.say(own)
  }

  private trim({ name, class: kind }: Channel<never>): void {
    const { work, keys, retainedCount } = this.options
    const args = [retainedCount, kind === 'settled' ? 'all' : 'groups']
    const trimOnce = async (): Promise<void> => {
      const removed = await callFunction(work, 'trim', [keys.stream(name), keys.ids(name)], args)
      if (Number(removed) >= entriesPerTrim) await trimOnce()
    }
    trimOnce().catch(() => {
      // It is tried again after as many entries.
    })
  }
}
