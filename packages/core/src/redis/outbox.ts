import type { Redis } from 'ioredis'
import { Fifo } from '../bus/fifo.js'
import type { Channel } from '../flow/channel.js'
import { BarfinexError } from '../runtime/error.js'
import type { WallTimer } from '../runtime/wall-timer.js'
import { isAway } from './connection.js'
import type { Keys } from './keys.js'
import { type Command, durableCommands, liveCommands, type Outgoing } from './outgoing.js'

export interface OutboxOptions {
  readonly redis: Redis
  readonly keys: Keys
  readonly instance: string
  readonly outgoingLimit: number
  readonly timer: WallTimer
  readonly beforeSend: () => Promise<void> | undefined
  /** Live data that was not sent. */
  readonly onDrop: (message: Outgoing) => void
  /** An entry is in the stream at this place. */
  readonly onPlaced: (channel: Channel<never>, streamId: string, count: number) => void
  /** The server does not let this user do it. */
  readonly onRefused: (command: Command, error: Error) => void
  /** What has to be done before sending has failed. */
  readonly onUnprepared: (error: unknown) => void
  /** The connection has failed: it answers too late. */
  readonly onLate: () => void
}

/** What was sent together and is not answered yet. */
interface Batch {
  readonly commands: readonly Command[]
  readonly live: readonly Command[]
  readonly durableCount: number
  isSent: boolean
}

interface Waiter {
  readonly upTo: number
  readonly resolve: () => void
  readonly reject: (error: BarfinexError) => void
}

/** Messages taken up at once, and batches that may be under way before more are collected. */
const batchSize = 1_024
const batchesUnderWay = 4
/** Under load messages wait so long for company. */
const lingerMs = 1

/**
 * The way out: one connection, one order. What is durable stays here until the server has confirmed it, and is sent again, in the
 * same order, when a connection was lost or answered too late; the ids make that harmless. Live data is sent once or dropped.
 */
export class Outbox {
  private readonly durable = new Fifo<Outgoing>()
  private readonly live = new Fifo<Outgoing>()
  private batches: Batch[] = []
  private waiters: Waiter[] = []
  private generation = 0
  private isConnected = false
  private isScheduled = false
  private preparing: Promise<void> | null = null
  private isLingering = false
  private holdCount = 0
  private refusal: BarfinexError | null = null
  /** Durable messages said and confirmed, since the start. */
  private saidCount = 0
  private doneCount = 0

  constructor(private readonly options: OutboxOptions) {}

  /** Durable messages that are not confirmed. */
  get waitingCount(): number {
    return this.saidCount - this.doneCount
  }

  /** True when `flush` has nothing to wait for or to tell. */
  get isQuiet(): boolean {
    return this.waitingCount === 0 && this.refusal === null
  }

  get isEmpty(): boolean {
    return this.waitingCount === 0 && this.live.length === 0 && !this.batches.some(({ live }) => live.length > 0)
  }

  /** Throws `bus.unavailable` or `bus.overflow` before anything has happened when there is no room for one more durable message. */
  refuseWhenFull(channel: string): void {
    if (this.waitingCount < this.options.outgoingLimit) return
    const details = { channel, waiting: this.waitingCount }
    const text = `${this.waitingCount} messages wait for Redis`
    if (!this.isConnected)
      throw new BarfinexError('bus.unavailable', `${text}, which is away. Start it again.`, {
        retryable: true,
        details,
      })
    throw new BarfinexError('bus.overflow', `${text}. Say less at once, or raise outgoingLimit.`, {
      retryable: true,
      details,
    })
  }

  add(message: Outgoing): void {
    const { channel } = message
    if (channel.class === 'live' || channel.class === 'heartbeat') this.addLive(message)
    else if (channel.class !== 'state' || this.isConnected || !this.replaceState(message)) {
      this.saidCount += 1
      this.durable.push(message)
    }
    this.wake()
  }

  /** While `work` is under way nothing is sent: a reader that has just come must not miss what is said next. */
  holdFor(work: Promise<unknown>): void {
    this.holdCount += 1
    const release = () => {
      this.holdCount -= 1
      this.wake()
    }
    work.then(release, release)
  }

  connected(): void {
    this.isConnected = true
    this.wake()
  }

  /** Nothing that is under way will be answered: what is durable is sent again, what is live is lost. */
  disconnected(): void {
    this.isConnected = false
    this.generation += 1
    const kept: Batch[] = []
    for (const batch of this.batches) {
      for (const { messages } of batch.live) for (const message of messages) this.options.onDrop(message)
      if (batch.commands.length > 0) kept.push({ ...batch, live: [], isSent: false })
    }
    this.batches = kept
    for (let message = this.live.shift(); message !== undefined; message = this.live.shift())
      this.options.onDrop(message)
  }

  /**
   * Resolves when everything durable that was said so far is confirmed. Rejects with `bus.refused` when the server has refused some
   * of what was said since the last time, and with `bus.unavailable` when it stays away for `patienceMs`.
   */
  flush(patienceMs: number): Promise<void> {
    if (this.refusal !== null) {
      const error = this.refusal
      this.refusal = null
      return Promise.reject(error)
    }
    if (this.waitingCount === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        upTo: this.saidCount,
        resolve: () => end(resolve),
        reject: (error) => end(() => reject(error)),
      }
      // A server that is slow is waited for; one that is away is not.
      const cancel = this.options.timer.every(patienceMs, () => {
        if (this.isConnected) return
        waiter.reject(away())
      })
      const end = (settle: () => void) => {
        cancel()
        this.waiters = this.waiters.filter((it) => it !== waiter)
        settle()
      }
      this.waiters.push(waiter)
    })
  }

  close(): void {
    this.isConnected = false
    for (const waiter of [...this.waiters]) waiter.reject(away())
  }

  private addLive(message: Outgoing): void {
    if (!this.isConnected) {
      this.options.onDrop(message)
      return
    }
    if (this.live.length >= this.options.outgoingLimit) this.options.onDrop(this.live.shift() as Outgoing)
    this.live.push(message)
  }

  /** While the server is away only the last value of state waits. */
  private replaceState(message: Outgoing): boolean {
    const { channel, envelope } = message
    return this.durable.replace(
      (it) => it.channel === channel && it.envelope.key === envelope.key && it.envelope.source === envelope.source,
      message,
    )
  }

  /** Sends at the end of this turn, so that what is said in one go travels together. */
  private wake(): void {
    if (this.isScheduled || !this.isConnected) return
    this.isScheduled = true
    void Promise.resolve().then(() => {
      this.isScheduled = false
      this.pump(false)
    })
  }

  private pump(isLate: boolean): void {
    while (this.isConnected && this.holdCount === 0) {
      const again = this.batches.find(({ isSent }) => !isSent)
      if (again !== undefined) {
        this.send(again)
        continue
      }
      const waiting = this.durable.length + this.live.length
      const underWay = this.batches.length
      if (waiting === 0 || underWay >= batchesUnderWay) return
      if (underWay > 1 && waiting < batchSize && !isLate) {
        this.linger()
        return
      }
      this.send(this.collect())
    }
  }

  private linger(): void {
    if (this.isLingering) return
    this.isLingering = true
    this.options.timer.after(lingerMs, () => {
      this.isLingering = false
      this.pump(true)
    })
  }

  private collect(): Batch {
    const { keys, instance } = this.options
    const durable = taken(this.durable, batchSize)
    const batch: Batch = {
      commands: durableCommands(keys, instance, durable),
      live: liveCommands(keys, instance, taken(this.live, batchSize)),
      durableCount: durable.length,
      isSent: false,
    }
    this.batches.push(batch)
    return batch
  }

  private send(batch: Batch): void {
    batch.isSent = true
    const { generation } = this
    // One after the other, in the order in which they were collected.
    const ready =
      this.preparing === null ? this.options.beforeSend() : this.preparing.then(() => this.options.beforeSend())
    if (ready === undefined) {
      this.transmit(batch)
      return
    }
    const preparing = ready.then(
      () => {
        if (generation === this.generation) this.transmit(batch)
      },
      (error: unknown) => {
        if (generation === this.generation) this.options.onUnprepared(error)
      },
    )
    this.preparing = preparing
    void preparing.then(() => {
      if (this.preparing === preparing) this.preparing = null
    })
  }

  private transmit(batch: Batch): void {
    const { generation } = this
    const commands = [...batch.live, ...batch.commands]
    this.ask(commands).then((results) => {
      if (generation === this.generation) this.answered(batch, commands, results)
    })
  }

  /** Sends commands together and gives what became of each. A single one, as when little is said, has no need of a pipeline. */
  private ask(commands: readonly Command[]): Promise<readonly [Error | null, unknown][]> {
    const { redis } = this.options
    const [only] = commands
    const failed = (error: unknown) => commands.map((): [Error, null] => [error as Error, null])
    if (only !== undefined && commands.length === 1)
      return redis.call(...only.args).then((result): [null, unknown][] => [[null, result]], failed)
    const pipeline = redis.pipeline()
    for (const { args } of commands) pipeline.call(...args)
    return pipeline.exec().then((results) => results ?? [], failed)
  }

  private answered(batch: Batch, commands: readonly Command[], results: readonly [Error | null, unknown][]): void {
    for (const [index, command] of commands.entries()) {
      const [error, result] = results[index] ?? [new Error('no answer'), null]
      if (error === null) this.placed(command, result)
      else if (!isAway(error)) this.refused(command, error)
      else if (index >= batch.live.length) {
        // Whether it was done is not known, and what comes after must not overtake it: a new connection, and all of it again.
        this.options.onLate()
        return
      } else for (const message of command.messages) this.options.onDrop(message)
    }
    this.batches = this.batches.filter((it) => it !== batch)
    this.doneCount += batch.durableCount
    this.endWaiting()
    this.pump(false)
  }

  private endWaiting(): void {
    const ended = this.waiters.filter(({ upTo }) => upTo <= this.doneCount)
    if (ended.length === 0) return
    const { refusal } = this
    this.refusal = null
    for (const waiter of ended) {
      if (refusal === null) waiter.resolve()
      else waiter.reject(refusal)
    }
  }

  private placed({ channel }: Command, result: unknown): void {
    if (!Array.isArray(result) || channel.class === 'state') return
    const last = String(result.at(-1))
    this.options.onPlaced(channel, last.startsWith('+') ? last.slice(1) : last, result.length)
  }

  private refused(command: Command, error: Error): void {
    const { name } = command.channel
    const hint = 'Give its user the channel in the access list, or let the service that may write it do so.'
    this.refusal = new BarfinexError('bus.refused', `Redis refused what was said on ${name}. ${hint}`, {
      details: { channel: name, answer: error.message.slice(0, 200) },
    })
    this.options.onRefused(command, error)
  }
}

function taken(from: Fifo<Outgoing>, count: number): Outgoing[] {
  const messages: Outgoing[] = []
  while (messages.length < count) {
    const message = from.shift()
    if (message === undefined) break
    messages.push(message)
  }
  return messages
}

function away(): BarfinexError {
  return new BarfinexError('bus.unavailable', 'Redis is away. Start it again; what was said is kept and sent then.', {
    retryable: true,
  })
}
