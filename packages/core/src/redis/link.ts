import type { Redis } from 'ioredis'
import { BarfinexError } from '../runtime/error.js'
import type { Log } from '../runtime/log.js'
import type { WallTimer } from '../runtime/wall-timer.js'
import { connect, isAway, open, plainCause } from './connection.js'
import { callFunction } from './function-call.js'
import type { Keys } from './keys.js'
import { loadLibrary } from './server-library.js'

export interface LinkOptions {
  readonly url: string
  readonly member: string
  readonly instance: string
  readonly keys: Keys
  readonly commandTimeoutMs: number
  readonly log: Log
  readonly timer: WallTimer
}

export interface LinkEvents {
  /** The way out is there, and the library on the server. Nothing is sent before it resolves. */
  readonly onOutReady: () => Promise<void>
  readonly onOutLost: () => void
  /** The way in is there and subscribed to everything; what was said meanwhile has been missed. */
  readonly onInReady: () => void
  readonly onInLost: () => void
  /** What is asked for can be asked again. */
  readonly onWorkReady: () => void
  readonly onPush: (topic: string, push: Buffer) => void
  /** The server has another memory than before. */
  readonly onOtherMemory: () => void
}

/** How often connections that are quiet are asked whether they are alive. */
const pulseMs = 1_000

/** The three connections of a bus: what goes out, what comes in, and what is asked for. Each comes back by itself. */
export class Link {
  readonly out: Redis
  readonly in: Redis
  readonly work: Redis
  private readonly topics = new Map<string, Promise<void>>()
  private origin: string | null = null
  private isOutReady = false
  private isInReady = false
  private isClosed = false
  private stopPulse = () => {}

  constructor(
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
  ) {
    const { url, member, commandTimeoutMs, log } = options
    const make = (role: string) => connect({ url, name: `barfinex:${member}:${role}`, commandTimeoutMs, log })
    this.out = make('out')
    this.in = make('in')
    this.work = make('work')
    this.out.on('close', () => this.lostOut())
    this.in.on('close', () => this.lostIn())
    this.in.on('messageBuffer', (topic: Buffer, push: Buffer) => events.onPush(topic.toString(), push))
  }

  get isConnected(): boolean {
    return this.isOutReady && this.isInReady && this.work.status === 'ready'
  }

  /** Opens all; `bus.unavailable` when the server is not there or does not let this user in. */
  async open(): Promise<void> {
    const { url, timer } = this.options
    try {
      for (const redis of [this.out, this.in, this.work]) await open(redis, url)
      await this.readyOut()
      await this.readyIn()
    } catch (error) {
      this.disconnect()
      if (BarfinexError.is(error)) throw error
      throw new BarfinexError('bus.unavailable', 'Redis is there and does not serve. Read `cause`.', {
        cause: plainCause(error),
      })
    }
    this.out.on('ready', () => void this.again(this.out, () => this.readyOut()))
    this.work.on('ready', () => this.events.onWorkReady())
    this.in.on('ready', () => void this.again(this.in, () => this.readyIn()))
    this.stopPulse = timer.every(pulseMs, () => this.pulse())
  }

  /**
   * From when it resolves on, what is said on a topic comes in, and again after every reconnect. Rejects when this user may not
   * hear it.
   */
  subscribe(topic: string): Promise<void> {
    const known = this.topics.get(topic)
    if (known !== undefined) return known
    const subscribed = this.in.subscribe(topic).then(() => {})
    // While the server is away it is only wanted: the next connection begins with it.
    const wanted = subscribed.catch((error: unknown) => {
      if (isAway(error)) return
      this.topics.delete(topic)
      throw error
    })
    this.topics.set(topic, wanted)
    return wanted
  }

  async unsubscribe(topic: string): Promise<void> {
    if (this.topics.delete(topic)) await this.in.unsubscribe(topic)
  }

  /** Resolves when everything the server had pushed before it was asked has come in. */
  async barrier(): Promise<void> {
    await this.in.ping()
  }

  /** Gives a connection up that answers too late, and makes another. */
  renew(redis: Redis): void {
    if (!this.isClosed && redis.status === 'ready') redis.disconnect(true)
  }

  disconnect(): void {
    this.isClosed = true
    this.stopPulse()
    for (const redis of [this.out, this.in, this.work]) redis.disconnect()
  }

  private async readyOut(): Promise<void> {
    await loadLibrary(this.out)
    const origin = await this.originOfMemory()
    const isOther = this.origin !== null && this.origin !== origin
    this.origin = origin
    if (isOther) this.events.onOtherMemory()
    await this.events.onOutReady()
    this.isOutReady = true
  }

  /** The name of this memory; who may not give it one waits for somebody who may. */
  private async originOfMemory(): Promise<string> {
    const { keys, instance } = this.options
    const known = await this.out.get(keys.origin)
    return known ?? String(await callFunction(this.out, 'origin', [keys.origin], [instance]))
  }

  private async readyIn(): Promise<void> {
    if (this.topics.size > 0) await this.in.subscribe(...this.topics.keys())
    this.isInReady = true
    this.events.onInReady()
  }

  /** What a new connection needs before it is of use; when that fails, another connection is made. */
  private async again(redis: Redis, ready: () => Promise<void>): Promise<void> {
    try {
      await ready()
    } catch (error) {
      this.options.log.debug('a connection to redis came back and is of no use yet', { error })
      this.renew(redis)
    }
  }

  private lostOut(): void {
    if (!this.isOutReady) return
    this.isOutReady = false
    this.events.onOutLost()
  }

  private lostIn(): void {
    if (!this.isInReady) return
    this.isInReady = false
    this.events.onInLost()
  }

  private pulse(): void {
    for (const redis of [this.out, this.in, this.work]) {
      if (redis.status === 'ready') redis.ping().catch(() => this.renew(redis))
    }
  }
}
