import type { CancelTask, Clock, Log, Reason } from '@barfinex/core'
import { SocketLine, type SocketLineOptions } from './socket-line.js'

export interface UserStreamOptions extends Pick<SocketLineOptions, 'url' | 'clock' | 'random' | 'pingMs' | 'openMs'> {
  readonly clock: Clock
  readonly log: Log
  /** Parameters of the subscription, signed now. */
  readonly sign: () => Readonly<Record<string, unknown>>
  /** Takes a secret out of a text. */
  readonly redact: (text: string) => string
  /** The exchange refused the subscription because of the time it was signed at. */
  readonly onClockFault: () => void
  readonly onEvent: (event: unknown) => void
  /** Events may have been missed: the stream is gone, or is back. */
  readonly onGap: (reason: Reason) => void
  /** While the stream is down a gap is said again so often, in milliseconds. */
  readonly pollMs: number
}

const outsideWindow = -1021

/** The account's own events, over the exchange's WebSocket API. Stays subscribed. */
export class UserStream {
  private readonly line: SocketLine
  private isUp = false
  private requestCount = 0
  private pending: string | null = null
  private deadline: CancelTask | null = null
  private poll: CancelTask | null = null
  private send: (text: string) => void = () => {}
  private onFirstUp: (() => void) | null = null

  constructor(private readonly options: UserStreamOptions) {
    this.line = new SocketLine({
      ...options,
      onOpen: (send) => this.subscribe(send),
      onText: (text) => this.hear(text),
      onCut: () => this.down(),
    })
  }

  /** Resolves when the first subscription holds; goes on trying until `stop`. */
  start(): Promise<void> {
    const { clock, pollMs } = this.options
    const up = new Promise<void>((resolve) => {
      this.onFirstUp = resolve
    })
    this.poll = clock.every(pollMs, () => {
      if (this.isUp || this.onFirstUp !== null) return
      this.options.onGap({
        code: 'exchange.reports.down',
        message: 'Reports do not come; the records are read instead.',
      })
    })
    this.line.start()
    return up
  }

  /** The stream is open and does not say what it should: takes another one. */
  renew(): void {
    this.line.renew()
  }

  stop(): void {
    this.line.stop()
    this.deadline?.()
    this.poll?.()
  }

  private subscribe(send: (text: string) => void): void {
    const { clock, openMs } = this.options
    this.send = send
    this.requestCount += 1
    this.pending = `subscribe-${this.requestCount}`
    const params = this.options.sign()
    this.send(JSON.stringify({ id: this.pending, method: 'userDataStream.subscribe.signature', params }))
    this.deadline?.()
    this.deadline = clock.schedule(clock.now() + openMs, () => this.line.drop())
  }

  private hear(text: string): void {
    const message = parse(text)
    if (message === null) {
      // Whatever it was, it was not heard.
      this.options.onGap({ code: 'exchange.reports.unreadable', message: 'A report could not be read.' })
    } else if (this.pending !== null && message['id'] === this.pending) this.answered(message)
    else if ('event' in message) this.event(message['event'])
    else if (message['e'] === 'serverShutdown') this.line.renew()
  }

  private event(event: unknown): void {
    const kind = (event as { readonly e?: unknown } | null)?.e
    // The end is announced: the next stream is there before this one is gone.
    if (kind === 'eventStreamTerminated' || kind === 'serverShutdown') this.line.renew()
    else this.options.onEvent(event)
  }

  private answered(reply: Readonly<Record<string, unknown>>): void {
    this.pending = null
    this.deadline?.()
    if (reply['status'] !== 200) {
      const error = reply['error'] as { readonly code?: unknown; readonly msg?: unknown } | undefined
      const why = this.options.redact(String(error?.msg)).slice(0, 200)
      this.options.log.warn('the stream of reports was refused', { code: error?.code, why })
      if (error?.code === outsideWindow) this.options.onClockFault()
      this.line.drop()
      return
    }
    this.isUp = true
    const first = this.onFirstUp
    this.onFirstUp = null
    if (first !== null) first()
    else
      this.options.onGap({ code: 'exchange.reports.resumed', message: 'The stream of reports is back after a break.' })
  }

  private down(): void {
    this.pending = null
    this.deadline?.()
    if (!this.isUp) return
    this.isUp = false
    this.options.onGap({ code: 'exchange.reports.interrupted', message: 'The stream of reports was cut.' })
  }
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const message: unknown = JSON.parse(text)
    if (typeof message === 'object' && message !== null && !Array.isArray(message)) {
      return message as Readonly<Record<string, unknown>>
    }
  } catch {
    // Said below.
  }
  return null
}
