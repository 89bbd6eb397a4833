import {
  BarfinexError,
  type CancelTask,
  type StudioFrame,
  type StudioRequest,
  type StudioTopicName,
  studioClose,
  studioFrame,
  studioProtocol,
  type WallTimer,
} from '@barfinex/core/browser'
import { openSocket, type Socket } from './open-socket.js'
import { type StudioChange, ViewFold } from './view-fold.js'

/** What the gateway said of the desk and of us when the connection began. */
export type Desk = Omit<Extract<StudioFrame, { type: 'welcome' }>, 'type'>

export interface StudioStatus {
  /**
   * `connecting`: nothing shown yet. `live`: what is shown is now. `stale`: connected, but silent for too long. `resuming`: the
   * connection is lost and being made again; what is shown is old. `refused`: the gateway does not want us, nothing is tried
   * again. `closed`: by us.
   */
  readonly state: 'connecting' | 'live' | 'stale' | 'resuming' | 'refused' | 'closed'
  /** Why, as a code and a sentence. */
  readonly code: string
  readonly message: string
  /** `null` before the first welcome. */
  readonly desk: Desk | null
  /** Messages left out because they are not what they should be. */
  readonly refusedCount: number
}

export interface StudioLinkOptions {
  /** `ws://127.0.0.1:49152/ws` */
  readonly address: string
  readonly timer: WallTimer
  readonly topics: readonly StudioTopicName[] | null
  /** Gives the token or session, each time a connection is made. */
  readonly credential: () => Promise<string>
  readonly onStatus: (status: StudioStatus) => void
  readonly onChanges: (changes: readonly StudioChange[]) => void
}

const firstRetryMs = 250
const longestRetryMs = 10_000
const lookEveryMs = 500
const openMs = 5_000
/** Silent for so many pings: not live any more; for so many: not connected any more. */
const stalePings = 2.5
const lostPings = 10

const opened = 1

/** Keeps one connection: makes it, folds what comes, notices silence, and goes on with the cursor after a loss. */
export class StudioLink {
  readonly fold: ViewFold
  private socket: Socket | null = null
  private desk: Desk | null = null
  private current: StudioStatus
  private heardAt = 0
  private retries = 0
  private refusedCount = 0
  private isOver = false
  private isResyncing = false
  private readonly cancelLook: CancelTask
  private cancelRetry: CancelTask = () => {}

  constructor(private readonly options: StudioLinkOptions) {
    this.fold = new ViewFold(options.topics !== null)
    this.current = {
      state: 'connecting',
      code: 'studio.connecting',
      message: `Connecting to ${options.address}.`,
      desk: null,
      refusedCount: 0,
    }
    this.cancelLook = options.timer.every(lookEveryMs, () => this.look())
    void this.connect()
  }

  get status(): StudioStatus {
    return this.current
  }

  close(code = 'studio.closed', message = 'Closed.'): void {
    this.end('closed', code, message)
  }

  private async connect(): Promise<void> {
    const { options } = this
    let socket: Socket
    try {
      const credential = await options.credential()
      if (this.isOver) return
      socket = await openSocket(options.address)
      if (this.isOver) return void socket.close()
      this.heardAt = options.timer.now()
      this.socket = socket
      socket.onopen = () =>
        this.send({
          type: 'hello',
          protocol: studioProtocol,
          credential,
          cursor: this.cursor(),
          topics: options.topics === null ? null : [...options.topics],
        })
      socket.onmessage = ({ data }) => this.hear(socket, data)
      socket.onerror = () => {}
      socket.onclose = ({ code }) => this.lost(socket, code)
    } catch (error) {
      if (this.isOver) return
      const isFinal = BarfinexError.is(error) && !error.retryable
      if (isFinal) this.end('refused', error.code, error.message)
      else this.retry('The gateway does not answer.')
    }
  }

  private cursor(): Extract<StudioRequest, { type: 'hello' }>['cursor'] {
    const sequence = this.fold.cursor
    return sequence === null || this.desk === null ? null : { incarnation: this.desk.incarnation, sequence }
  }

  private hear(socket: Socket, data: unknown): void {
    if (socket !== this.socket) return
    const parsed = studioFrame.safeParse(parseText(data))
    if (!parsed.success) return void this.resync()
    const frame = parsed.data
    this.heardAt = this.options.timer.now()
    switch (frame.type) {
      case 'welcome': {
        const { type: _, ...desk } = frame
        this.desk = desk
        this.retries = 0
        if (desk.resumed) this.live()
        return
      }
      case 'snapshot':
      case 'changes': {
        const { changes, isGap, refusedCount } = this.fold.apply(frame)
        if (isGap) return void this.resync()
        if (frame.type === 'snapshot') this.isResyncing = false
        this.refusedCount += refusedCount
        this.live()
        this.options.onChanges(changes)
        return
      }
      case 'ping':
        this.fold.tick(frame.at)
        if (this.fold.cursor !== null && !this.isResyncing) this.live()
        this.options.onChanges([])
        return
      case 'error':
        this.say('connecting', frame.code, frame.message)
    }
  }

  /** Once until the snapshot comes: everything before it is void anyway. */
  private resync(): void {
    if (this.isResyncing) return
    this.isResyncing = true
    this.say('stale', 'studio.gap', 'A frame was missed. Waiting for a new snapshot.')
    this.send({ type: 'resync' })
  }

  private live(): void {
    if (
      this.current.state === 'live' &&
      this.current.desk === this.desk &&
      this.current.refusedCount === this.refusedCount
    )
      return
    this.say('live', 'studio.live', 'Live.')
  }

  private look(): void {
    if (this.socket === null) return
    const silentMs = this.options.timer.now() - this.heardAt
    const pingMs = this.desk?.pingMs ?? openMs / lostPings
    if (silentMs > lostPings * pingMs) {
      const { socket } = this
      socket.close()
      // A dead peer never answers the close; do not wait for it.
      this.lost(socket, 1006)
    } else if (silentMs > stalePings * pingMs && this.current.state === 'live') {
      this.say('stale', 'studio.silent', 'The gateway has gone silent. What is shown is old.')
    }
  }

  private lost(socket: Socket, code: number): void {
    if (socket !== this.socket || this.isOver) return
    this.socket = null
    this.isResyncing = false
    if (code === studioClose.unauthorized) {
      this.end('refused', 'gateway.unauthorized', 'The session has ended or was not accepted. Sign in again.')
    } else if (code === studioClose.badRequest) {
      this.end('refused', 'gateway.bad-request', this.current.message)
    } else this.retry('The connection is lost.')
  }

  private retry(why: string): void {
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.retries)
    this.retries += 1
    const isFirst = this.fold.cursor === null
    this.say(isFirst ? 'connecting' : 'resuming', 'gateway.unreachable', `${why} Trying again.`)
    this.cancelRetry = this.options.timer.after(waitMs, () => void this.connect())
  }

  private end(state: 'refused' | 'closed', code: string, message: string): void {
    if (this.isOver) return
    this.isOver = true
    this.cancelLook()
    this.cancelRetry()
    this.socket?.close(1000)
    this.socket = null
    this.say(state, code, message)
  }

  private send(request: StudioRequest): void {
    if (this.socket?.readyState === opened) this.socket.send(JSON.stringify(request))
  }

  private say(state: StudioStatus['state'], code: string, message: string): void {
    this.current = { state, code, message, desk: this.desk, refusedCount: this.refusedCount }
    this.options.onStatus(this.current)
  }
}

function parseText(data: unknown): unknown {
  try {
    return JSON.parse(String(data))
  } catch {
    return null
  }
}
