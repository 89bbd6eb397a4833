import type { CancelTask, Clock, Random } from '@barfinex/core'
import { WebSocket } from 'ws'

export interface SocketLineOptions {
  readonly url: string
  readonly clock: Clock
  readonly random: Random
  /** A ping goes out so often; when nothing at all has come by the next one, the line is dead. In milliseconds. */
  readonly pingMs: number
  /** Wall time that opening may take, in milliseconds. */
  readonly openMs: number
  /** A new connection is open. `send` speaks on it. */
  readonly onOpen: (send: (text: string) => void) => void
  readonly onText: (text: string) => void
  /** The connection is gone, or was never made; another one is being made. */
  readonly onCut: () => void
}

/** Waiting before the next dial, in milliseconds: doubled each time, begun anew when a connection has held for a while. */
const firstWaitMs = 250
const longestWaitMs = 5_000
const stableMs = 10_000
/** How long a replaced connection still listens, so that nothing falls between the two, in milliseconds. */
const overlapMs = 2_000
/** Exchanges close a connection after 24 hours: it is replaced before. */
const renewEveryMs = 23 * 3_600_000

/**
 * A WebSocket connection that stays: dialed again when it breaks or goes silent, never faster than exchanges allow, and replaced
 * before it is let go when its end has been announced.
 *
 * ccxt's own sockets are not used for streams: they merge states of an order that come close together, keep a watcher waiting
 * for ever when the stream has been terminated, lose the mark of a closed candle, and fill no gap.
 */
export class SocketLine {
  private socket: WebSocket | null = null
  private isStopped = false
  private waitMs = firstWaitMs
  private openedAt = Number.NEGATIVE_INFINITY
  private hasHeard = true
  private tasks: CancelTask[] = []
  private redial: CancelTask | null = null
  private readonly replaced = new Set<WebSocket>()

  constructor(private readonly options: SocketLineOptions) {}

  start(): void {
    const { clock, pingMs } = this.options
    this.tasks.push(
      clock.every(pingMs, () => this.ping()),
      clock.every(renewEveryMs, () => this.renew()),
    )
    this.dial()
  }

  /** Makes a new connection beside the present one, which is let go a moment after the new one is open. */
  renew(): void {
    const before = this.socket
    if (this.isStopped || before === null || this.replaced.size > 0) return
    this.socket = null
    this.replaced.add(before)
    this.dial()
  }

  /** Gives the present connection up for dead. */
  drop(): void {
    this.socket?.terminate()
  }

  stop(): void {
    this.isStopped = true
    for (const cancel of this.tasks.splice(0)) cancel()
    this.redial?.()
    for (const socket of [this.socket, ...this.replaced]) socket?.terminate()
    this.socket = null
    this.replaced.clear()
  }

  private dial(): void {
    const { url, openMs } = this.options
    const socket = new WebSocket(url, { handshakeTimeout: openMs, perMessageDeflate: false, followRedirects: false })
    this.socket = socket
    this.hasHeard = true
    socket.on('open', () => this.open(socket))
    // Whatever goes wrong ends with a close.
    socket.on('error', () => {})
    socket.on('close', () => this.closed(socket))
    socket.on('pong', () => this.hear(socket))
    socket.on('ping', () => this.hear(socket))
    socket.on('message', (data, isBinary) => {
      this.hear(socket)
      if (!isBinary && !this.isStopped) this.options.onText(data.toString())
    })
  }

  private open(socket: WebSocket): void {
    if (this.isStopped || socket !== this.socket) return
    const { clock, onOpen } = this.options
    this.openedAt = clock.now()
    for (const old of this.replaced) {
      this.tasks.push(clock.schedule(clock.now() + overlapMs, () => old.terminate()))
    }
    onOpen((text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    })
  }

  private closed(socket: WebSocket): void {
    if (this.replaced.delete(socket) || this.isStopped || socket !== this.socket) return
    const { clock, random, onCut } = this.options
    this.socket = null
    const now = clock.now()
    if (now - this.openedAt >= stableMs) this.waitMs = firstWaitMs
    const waitMs = this.waitMs * (1 + random.next() / 2)
    this.waitMs = Math.min(longestWaitMs, this.waitMs * 2)
    this.redial = clock.schedule(now + Math.round(waitMs), () => this.dial())
    onCut()
  }

  private hear(socket: WebSocket): void {
    if (socket === this.socket) this.hasHeard = true
  }

  private ping(): void {
    const { socket } = this
    if (socket === null || socket.readyState !== WebSocket.OPEN) return
    if (!this.hasHeard) {
      socket.terminate()
      return
    }
    this.hasHeard = false
    socket.ping()
  }
}
