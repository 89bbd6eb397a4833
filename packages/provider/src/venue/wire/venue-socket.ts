import type { WallTimer } from '@barfinex/core'
import type { WebSocket } from 'ws'
import type { VenueFault } from '../venue-faults.js'
import type { VenueWorld } from '../venue-world.js'
import { eventFields, rewritten } from './event-fields.js'
import type { SocketKind } from './socket-registry.js'

const pingEveryMs = 20_000
const pongWithinMs = 60_000
const longestLifeMs = 86_400_000
/** A jump of the venue's clock gives nobody the chance to answer: so long the wall must have waited for a pong, too. */
const leastPatienceMs = 2_000
/** A client that reads so much too slowly is let go. */
const mostWaitingBytes = 16_777_216
/** A held frame waits at most so long for the one that overtakes it. */
const reorderWithinMs = 2_000

/**
 * One client's socket: its life by the venue's clock (ping every 20 s, dropped after 60 s without a pong, closed after 24 h), and
 * the faults that strike frames on their way out.
 */
export class VenueSocket {
  /** Makes a whole frame of a stream's payload, as this socket wants it. */
  wrap: (stream: string, json: string) => string = (_stream, json) => json
  private isFrozen = false
  private isDark = false
  private held: string | undefined
  private lastPong: number
  private lastPongWall: number
  /** Wall time of the ping that is not answered yet. */
  private pingedWall: number | undefined
  private readonly cancels = new Set<() => void>()

  constructor(
    private readonly ws: WebSocket,
    readonly kind: SocketKind,
    private readonly world: Pick<VenueWorld, 'now' | 'after' | 'faults'>,
    private readonly wall: WallTimer,
  ) {
    this.lastPong = world.now()
    this.lastPongWall = wall.now()
    ws.on('pong', () => {
      this.lastPong = world.now()
      this.lastPongWall = wall.now()
      this.pingedWall = undefined
    })
    ws.on('ping', (data) => {
      if (!this.isDark) ws.pong(data)
    })
    ws.on('error', () => ws.terminate())
    ws.on('close', () => {
      for (const cancel of this.cancels) cancel()
      this.cancels.clear()
    })
    this.pingLater()
    this.after(longestLifeMs, () => this.close(1001, 'The connection is 24 hours old.'))
  }

  /** Takes what the client sends; nothing while the socket is half open. */
  onText(listener: (text: string) => void): void {
    this.ws.on('message', (data, isBinary) => {
      if (this.isDark || isBinary) return
      listener(Array.isArray(data) ? Buffer.concat(data).toString() : data.toString())
    })
  }

  onClose(listener: () => void): void {
    this.ws.once('close', listener)
  }

  /** Sends a frame through the faults that strike at `at`. */
  deliver(at: string, text: string): void {
    let copies = 1
    let waitMs = 0
    let isHeld = false
    let sent = text
    for (const fault of this.world.faults.strike(at, () => eventFields(text))) {
      if (fault.do === 'drop' || fault.do === 'dropReply') copies = 0
      else if (fault.do === 'duplicate') copies += copies === 0 ? 0 : 1
      else if (fault.do === 'delay') waitMs += fault.ms
      else if (fault.do === 'reorder') isHeld = true
      else if (fault.do === 'rewrite') sent = rewritten(sent, fault.set ?? {}, fault.remove ?? [])
      else if (fault.do === 'malformed') sent = malformed(sent)
      else this.suffer(fault)
    }
    for (let copy = 0; copy < copies; copy += 1) {
      if (waitMs > 0) this.after(waitMs, () => this.send(sent))
      else if (isHeld && this.held === undefined) this.hold(sent)
      else this.send(sent)
    }
  }

  /** What happens to the socket itself. */
  suffer(fault: VenueFault): void {
    if (fault.do === 'freeze' || fault.do === 'hang') this.freeze()
    else if (fault.do === 'halfOpen') this.goDark()
    else if (fault.do === 'reset') this.ws.terminate()
  }

  send(text: string): void {
    if (this.isFrozen || this.isDark || this.ws.readyState !== this.ws.OPEN) return
    if (this.ws.bufferedAmount > mostWaitingBytes) {
      this.ws.terminate()
      return
    }
    this.ws.send(text)
    if (this.held === undefined) return
    const overtaken = this.held
    this.held = undefined
    this.ws.send(overtaken)
  }

  /** The socket stays open and answers pings; no data comes any more. */
  freeze(): void {
    this.isFrozen = true
  }

  /** The socket looks open from the other side and is dead: nothing is read, answered or sent. */
  goDark(): void {
    this.isDark = true
    this.ws.pause()
  }

  close(code: number, reason: string): void {
    if (this.isDark) this.ws.terminate()
    else this.ws.close(code, reason)
  }

  terminate(): void {
    this.ws.terminate()
  }

  /** Runs later on the venue's clock, unless the socket is closed by then. */
  after(ms: number, task: () => void): void {
    const cancel = this.world.after(ms, () => {
      this.cancels.delete(cancel)
      task()
    })
    this.cancels.add(cancel)
  }

  private hold(text: string): void {
    this.held = text
    this.after(reorderWithinMs, () => {
      if (this.held !== text) return
      this.held = undefined
      this.send(text)
    })
  }

  private pingLater(): void {
    this.after(pingEveryMs, () => {
      const wall = this.wall.now()
      const isSilent = this.world.now() - this.lastPong >= pongWithinMs
      if (isSilent && wall - this.lastPongWall >= leastPatienceMs) {
        this.ws.terminate()
        return
      }
      // Clients take hundreds of pings at once, as a leap of the clock would send, for an attack.
      const isWaiting = this.pingedWall !== undefined && wall - this.pingedWall < leastPatienceMs
      if (!isWaiting && !this.isDark && this.ws.readyState === this.ws.OPEN) {
        this.pingedWall = wall
        this.ws.ping(String(this.world.now()))
      }
      this.pingLater()
    })
  }
}

/** Text that no JSON reader takes. */
export function malformed(text: string): string {
  return text.slice(0, Math.max(1, Math.floor(text.length / 2)))
}
