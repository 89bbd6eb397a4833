import { type Scope, type StudioFrame, type StudioTopicName, studioClose, type WallTimer } from '@barfinex/core'
import type { Principal } from './credentials.js'

/** The part of a WebSocket that a viewer needs. */
export interface ViewerSocket {
  readonly readyState: number
  readonly bufferedAmount: number
  send(data: string): void
  close(code: number, reason: string): void
  terminate(): void
  ping(): void
}

const openState = 1
/** Above this many waiting bytes live data is left out: it would be old when it arrives. */
const skipLiveBytes = 1_048_576
const closeGraceMs = 1_000

/** One connected client. */
export class Viewer {
  /** Set by a valid `hello`. */
  principal: Principal | null = null
  topics: ReadonlySet<StudioTopicName> | null = null
  /** Cleared at each heartbeat, set by the answer: a peer that stays silent is gone. */
  answered = true
  lastSnapshotAt = Number.NEGATIVE_INFINITY
  private isClosing = false

  constructor(
    readonly socket: ViewerSocket,
    readonly address: string,
    private readonly bufferLimit: number,
    private readonly timer: WallTimer,
  ) {}

  wants(topic: StudioTopicName): boolean {
    return this.topics === null || this.topics.has(topic)
  }

  /** Sends text that was built once for all. A viewer that does not read is closed rather than waited for. */
  send(text: string, isLive = false): void {
    const { socket } = this
    if (this.isClosing || socket.readyState !== openState) return
    if (socket.bufferedAmount > this.bufferLimit) {
      this.close(studioClose.tooSlow, 'too slow')
      return
    }
    if (isLive && socket.bufferedAmount > skipLiveBytes) return
    socket.send(text)
  }

  sendFrame(frame: StudioFrame): void {
    this.send(JSON.stringify(frame))
  }

  /** Asks the peer to close, and does not wait long for it. */
  close(code: number, reason: string): void {
    if (this.isClosing) return
    this.isClosing = true
    this.socket.close(code, reason)
    this.timer.after(closeGraceMs, () => this.socket.terminate())
  }

  get scopes(): readonly Scope[] {
    return this.principal?.scopes ?? []
  }
}
