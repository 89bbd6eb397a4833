import { createHmac } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createVirtualClock, type VirtualClock } from '@barfinex/core'
import { WebSocket } from 'ws'
import { createVenue, type Venue, type VenueOptions } from '../../src/venue/index.js'
import { arrival } from './rehearsal.js'

export type Params = Readonly<Record<string, string | number>>
export type Row = Readonly<Record<string, unknown>>

/** What a call came to; `body` is JSON when it is, else the text. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
  readonly text: string
}

/** A venue whose market stands, on a virtual clock that the test drives, and the plainest of clients. */
export interface Bench {
  readonly venue: Venue
  readonly clock: VirtualClock
  call(method: string, path: string, params?: Params, options?: CallOptions): Promise<Reply>
  /** Signed as it should be. */
  signed(method: string, path: string, params?: Params, options?: CallOptions): Promise<Reply>
  dial(path: string, options?: { readonly autoPong?: boolean }): Promise<Line>
  close(): Promise<void>
}

export interface CallOptions {
  readonly inBody?: boolean
  readonly abortSignal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

/** One open socket. */
export interface Line {
  readonly socket: WebSocket
  /** Every frame so far, as JSON where it is. */
  readonly frames: unknown[]
  readonly pings: string[]
  closedWith: number | undefined
  send(message: object | string): void
  /** The first frame for which `look` holds. */
  frame(look: (row: Row) => boolean, what: string): Promise<Row>
}

export const startAt = Date.UTC(2026, 0, 5)

export async function openBench(options: VenueOptions = {}): Promise<Bench> {
  const clock = createVirtualClock({ startAt })
  const venue = await createVenue({
    seed: 7,
    clock,
    market: 'still',
    symbols: ['BTC/USDT'],
    perpetuals: [],
    historyDays: 1,
    ...options,
  })
  const lines: Line[] = []

  async function call(method: string, path: string, params: Params = {}, options: CallOptions = {}): Promise<Reply> {
    const query = encoded(params)
    const target = options.inBody === true || query === '' ? path : `${path}?${query}`
    const response = await fetch(`${venue.url}${target}`, {
      method,
      headers: { 'x-mbx-apikey': venue.keys.apiKey, ...options.headers },
      ...(options.inBody === true ? { body: query } : {}),
      ...(options.abortSignal === undefined ? {} : { signal: options.abortSignal }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: read(text), text }
  }

  return {
    venue,
    clock,
    call,
    signed(method, path, params = {}, options = {}) {
      const stamped = { timestamp: clock.now(), ...params }
      const signature = hmacOf(venue.keys.secret, encoded(stamped))
      return call(method, path, { ...stamped, signature }, options)
    },
    async dial(path, { autoPong = true } = {}) {
      const socket = new WebSocket(`${venue.wsUrl}${path}`, { autoPong })
      const line: Line = {
        socket,
        frames: [],
        pings: [],
        closedWith: undefined,
        send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
        frame: (look, what) =>
          arrival(
            () => line.frames.find((it): it is Row => typeof it === 'object' && it !== null && look(it as Row)),
            what,
          ),
      }
      socket.on('message', (data) => line.frames.push(read(data.toString())))
      socket.on('ping', (data) => line.pings.push(data.toString()))
      socket.on('close', (code) => {
        line.closedWith = code
      })
      lines.push(line)
      await new Promise<void>((resolve, reject) => {
        socket.once('open', () => resolve())
        socket.once('error', reject)
      })
      return line
    },
    async close() {
      for (const { socket } of lines) socket.terminate()
      await venue.close()
    },
  }
}

/** The payload of an account's signature over the WebSocket API. */
export function signedParams(venue: Venue, params: Params): Params {
  const all = { apiKey: venue.keys.apiKey, timestamp: venue.world.now(), ...params } as Params
  return { ...all, signature: hmacOf(venue.keys.secret, sortedText(all)) }
}

export function sortedText(params: Params): string {
  return Object.keys(params)
    .sort()
    .map((name) => `${name}=${params[name]}`)
    .join('&')
}

/** Lets both ends of the sockets have their turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn()
}

function hmacOf(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}

function encoded(params: Params): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
}

function read(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
