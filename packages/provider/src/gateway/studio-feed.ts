import {
  BarfinexError,
  type CancelTask,
  type Clock,
  covers,
  type Scope,
  type StudioCursor,
  type StudioFrame,
  type StudioRequest,
  type StudioTopicName,
  schemas,
  studioClose,
  studioProtocol,
  studioTopicNames,
  studioTopics,
  type WallTimer,
} from '@barfinex/core'
import { ChangeLog } from './change-log.js'
import type { Credentials } from './credentials.js'
import type { DeskView } from './desk-view.js'
import { parseGuardedJson } from './guarded-json.js'
import { Viewer, type ViewerSocket } from './viewer.js'

const helloMs = 2_000
const pingMs = 1_000
/** Rounds of pings between two checks that the peer is there. */
const aliveCheckEvery = 15
/** How long changes are remembered after the last viewer has gone. */
const lingerMs = 60_000
const resyncMs = 1_000

export interface StudioFeedOptions {
  readonly view: DeskView
  readonly credentials: Credentials
  readonly clock: Clock
  readonly timer: WallTimer
  /** Names this start of the gateway. */
  readonly incarnation: string
  readonly mode: 'paper' | 'live'
  readonly account: string
  readonly actScope: Scope
  readonly version: string
  readonly flushMs: number
  readonly viewerBufferBytes: number
  readonly maxViewers: number
}

/** The other end of a viewer's socket. */
export interface ViewerInput {
  message(text: string): void
  pong(): void
  closed(): void
}

/**
 * The one WebSocket: a snapshot, then changes with a cursor. Changes are folded and sent at most every `flushMs`, one frame
 * per topic, built once for all viewers.
 */
export class StudioFeed {
  private readonly viewers = new Set<Viewer>()
  private readonly changes = new ChangeLog()
  private readonly tasks: CancelTask[] = []
  private sequence = 0
  private isRemembering = false
  private cancelForget: CancelTask = () => {}
  private rounds = 0
  private connections = 0

  constructor(private readonly options: StudioFeedOptions) {
    const { timer, flushMs } = options
    this.tasks.push(
      timer.every(flushMs, () => this.flush()),
      timer.every(pingMs, () => this.heartbeat()),
    )
  }

  get viewerCount(): number {
    return this.viewers.size
  }

  /** Takes a socket in. It has two seconds to say who it is. */
  connect(socket: ViewerSocket, address: string): ViewerInput {
    const { timer, maxViewers, viewerBufferBytes } = this.options
    const viewer = new Viewer(socket, address, viewerBufferBytes, timer)
    if (this.viewers.size >= maxViewers) {
      viewer.close(studioClose.tooMany, 'too many viewers')
      return { message() {}, pong() {}, closed() {} }
    }
    this.viewers.add(viewer)
    const cancelHello = timer.after(helloMs, () => {
      if (viewer.principal === null) viewer.close(studioClose.helloTimeout, 'no hello')
    })
    return {
      message: (text) => this.hear(viewer, text),
      pong: () => {
        viewer.answered = true
      },
      closed: () => {
        cancelHello()
        this.viewers.delete(viewer)
        if (this.viewers.size === 0) this.forgetLater()
      },
    }
  }

  close(): void {
    for (const cancel of this.tasks) cancel()
    this.cancelForget()
    for (const viewer of this.viewers) viewer.close(1001, 'the gateway stops')
  }

  private hear(viewer: Viewer, text: string): void {
    try {
      const parsed = schemas.studioRequest.safeParse(parseGuardedJson(text))
      if (!parsed.success)
        throw new BarfinexError('gateway.bad-request', 'This is not a message of the Studio protocol.')
      const request = parsed.data
      if (request.type === 'hello') this.greet(viewer, request)
      else if (viewer.principal === null) throw new BarfinexError('gateway.unauthorized', 'Say hello first.')
      else this.resync(viewer)
    } catch (error) {
      if (!BarfinexError.is(error)) throw error
      viewer.sendFrame({ type: 'error', code: error.code, message: error.message })
      const isRefused = error.code === 'gateway.unauthorized' || error.code === 'gateway.forbidden'
      const code = error.code === 'gateway.rate-limited' ? studioClose.tooMany : studioClose.badRequest
      viewer.close(isRefused ? studioClose.unauthorized : code, error.code)
    }
  }

  private greet(viewer: Viewer, hello: Extract<StudioRequest, { type: 'hello' }>): void {
    const { options } = this
    if (viewer.principal !== null) throw new BarfinexError('gateway.bad-request', 'Say hello only once.')
    if (hello.protocol !== studioProtocol) {
      throw new BarfinexError(
        'gateway.bad-request',
        `This gateway speaks protocol ${studioProtocol}. Update the client.`,
      )
    }
    const principal = options.credentials.identify(hello.credential, viewer.address)
    if (!covers(principal.scopes, 'read')) throw new BarfinexError('gateway.forbidden', 'This needs the scope "read".')
    this.rememberNow()
    // What is pending goes to the others first, so that this viewer's cursor stands between two frames.
    this.flush()
    this.connections += 1
    viewer.principal = principal
    viewer.topics = hello.topics === null ? null : new Set(hello.topics)
    const missed = this.missedSince(hello.cursor)
    viewer.sendFrame({
      type: 'welcome',
      protocol: studioProtocol,
      incarnation: options.incarnation,
      connection: `${options.incarnation}-${this.connections}`,
      name: principal.name,
      scopes: [...principal.scopes],
      actScope: options.actScope,
      resumed: missed !== null,
      mode: options.mode,
      account: options.account,
      version: options.version,
      pingMs,
    })
    if (missed === null) {
      this.sendSnapshot(viewer)
      return
    }
    for (const frame of missed) if (viewer.wants(frame.topic)) viewer.send(frame.text)
    for (const topic of studioTopicNames) {
      if (!studioTopics[topic].isLive || !viewer.wants(topic)) continue
      const messages = options.view.list(topic)
      if (messages.length > 0) viewer.send(this.changesText(topic, messages))
    }
  }

  private missedSince(
    cursor: StudioCursor | null,
  ): readonly { readonly topic: StudioTopicName; readonly text: string }[] | null {
    if (cursor === null || cursor.incarnation !== this.options.incarnation) return null
    return this.changes.since(cursor.sequence, this.sequence)
  }

  private resync(viewer: Viewer): void {
    const { timer } = this.options
    if (timer.now() - viewer.lastSnapshotAt < resyncMs) {
      throw new BarfinexError('gateway.rate-limited', 'One snapshot a second is enough.', { retryable: true })
    }
    this.flush()
    this.sendSnapshot(viewer)
  }

  private sendSnapshot(viewer: Viewer): void {
    const { view, clock, timer } = this.options
    const topics: Partial<Record<StudioTopicName, unknown[]>> = {}
    for (const topic of studioTopicNames) {
      const messages = viewer.wants(topic) ? view.list(topic) : []
      if (messages.length > 0) topics[topic] = [...messages]
    }
    viewer.lastSnapshotAt = timer.now()
    viewer.sendFrame({ type: 'snapshot', cursor: this.sequence, at: clock.now(), topics })
  }

  private flush(): void {
    if (!this.isRemembering) return
    for (const { topic, messages } of this.options.view.takeChanges()) {
      const { isLive } = studioTopics[topic]
      if (!isLive) this.sequence += 1
      const text = this.changesText(topic, messages)
      if (!isLive) this.changes.add({ sequence: this.sequence, topic, text })
      this.sendAll(text, topic, isLive)
    }
  }

  private changesText(topic: StudioTopicName, messages: readonly unknown[]): string {
    const frame: StudioFrame = {
      type: 'changes',
      topic,
      cursor: this.sequence,
      at: this.options.clock.now(),
      messages: messages as unknown[],
    }
    return JSON.stringify(frame)
  }

  private sendAll(text: string, topic: StudioTopicName | null, isLive: boolean): void {
    for (const viewer of this.viewers) {
      if (viewer.principal !== null && (topic === null || viewer.wants(topic))) viewer.send(text, isLive)
    }
  }

  private heartbeat(): void {
    this.rounds += 1
    const checksPeers = this.rounds % aliveCheckEvery === 0
    for (const viewer of this.viewers) {
      if (viewer.principal !== null && !viewer.principal.isValid()) {
        viewer.close(studioClose.unauthorized, 'the session has ended')
      } else if (checksPeers) {
        if (!viewer.answered) viewer.socket.terminate()
        viewer.answered = false
        viewer.socket.ping()
      }
    }
    const ping: StudioFrame = { type: 'ping', cursor: this.sequence, at: this.options.clock.now() }
    this.sendAll(JSON.stringify(ping), null, true)
  }

  private rememberNow(): void {
    this.cancelForget()
    if (this.isRemembering) return
    this.isRemembering = true
    this.options.view.remember(true)
  }

  /** Nobody looks: after a while changes are no longer kept, and no earlier cursor can be resumed. */
  private forgetLater(): void {
    this.cancelForget()
    this.cancelForget = this.options.timer.after(lingerMs, () => {
      if (this.viewers.size > 0) return
      this.isRemembering = false
      this.options.view.remember(false)
      this.changes.clear()
      this.sequence += 1
    })
  }
}
