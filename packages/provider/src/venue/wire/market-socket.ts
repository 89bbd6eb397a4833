import type { VenueWorld } from '../venue-world.js'
import type { StreamHub } from './stream-hub.js'
import type { VenueSocket } from './venue-socket.js'

/** What one socket of market streams may do. The defaults are Binance's. */
export interface MarketSocketOptions {
  /** Control frames that a client may send in a second. */
  readonly framesPerSecond?: number
  /** Streams on one socket. */
  readonly streamsPerSocket?: number
}

/** What the address of a socket of market streams asks for. */
export interface StreamTarget {
  readonly streams: readonly string[]
  /** Wraps each event as `{"stream":…,"data":…}`. */
  readonly isCombined: boolean
}

interface Request {
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: unknown
}

/**
 * Reads the address of a market socket below its base: `/ws`, `/ws/a/b`, `/stream?streams=a/b`, and `/stream/ws/3`, where the number
 * only keeps a client's sockets apart; `?listenKey=` is one more stream. `undefined` for any other address.
 */
export function readStreamTarget(path: string, query: string): StreamTarget | undefined {
  const asked = new URLSearchParams(query)
  const listenKey = asked.get('listenKey') ?? ''
  const [, root, ...rest] = path.replace(/\/$/, '').split('/')
  const names = root === 'stream' && rest[0] === 'ws' ? rest.slice(1) : rest
  if (root === 'ws' || names !== rest) {
    return { streams: [...names, listenKey].filter((it) => it !== '' && !/^\d+$/.test(it)), isCombined: false }
  }
  if (root !== 'stream' || rest.length > 0) return undefined
  const named = [...(asked.get('streams') ?? '').split('/'), listenKey]
  return { streams: named.filter((it) => it !== ''), isCombined: true }
}

/** Serves market streams on one socket until it closes. */
export function serveMarketSocket(
  socket: VenueSocket,
  target: StreamTarget,
  world: VenueWorld,
  hub: StreamHub,
  options: MarketSocketOptions = {},
): void {
  const mostFrames = options.framesPerSecond ?? 5
  const mostStreams = options.streamsPerSocket ?? 1_024
  const streams = new Set<string>()
  let isCombined = target.isCombined
  let second = 0
  let frames = 0

  socket.wrap = (stream, json) => (isCombined ? `{"stream":${JSON.stringify(stream)},"data":${json}}` : json)
  const listener = (stream: string, json: string, at: string) => socket.deliver(at, socket.wrap(stream, json))

  function subscribe(names: readonly string[]): boolean {
    const added = names.filter((it) => !streams.has(it))
    if (streams.size + added.length > mostStreams) return false
    for (const name of added) {
      streams.add(name)
      hub.add(name, listener)
    }
    return true
  }

  function unsubscribe(names: readonly string[]): void {
    for (const name of names) {
      if (streams.delete(name)) hub.remove(name, listener)
    }
  }

  function answer(id: unknown, result: unknown): void {
    socket.send(JSON.stringify({ result, id }))
  }

  function refuse(id: unknown, msg: string): void {
    socket.send(JSON.stringify({ error: { code: 2, msg: `Invalid request: ${msg}` }, id: id ?? null }))
  }

  function take(request: Request): void {
    const { id, method, params } = request
    if (id !== undefined && id !== null && typeof id !== 'string' && !Number.isInteger(id)) {
      refuse(null, 'request ID must be an unsigned integer or a string')
      return
    }
    switch (method) {
      case 'SUBSCRIBE':
      case 'UNSUBSCRIBE': {
        if (!isNames(params)) {
          refuse(id, 'params must be an array of stream names')
          return
        }
        if (method === 'UNSUBSCRIBE') unsubscribe(params)
        else if (!subscribe(params)) {
          socket.close(1008, 'Too many streams')
          return
        }
        answer(id, null)
        return
      }
      case 'LIST_SUBSCRIPTIONS':
        answer(id, [...streams])
        return
      case 'SET_PROPERTY': {
        if (!Array.isArray(params) || params[0] !== 'combined' || typeof params[1] !== 'boolean') {
          refuse(id, 'the only property is combined, a boolean')
          return
        }
        isCombined = params[1]
        answer(id, null)
        return
      }
      case 'GET_PROPERTY':
        answer(id, isCombined)
        return
      default:
        refuse(id, 'unknown variant, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`')
        return
    }
  }

  socket.onText((text) => {
    const now = Math.floor(world.now() / 1_000)
    frames = now === second ? frames + 1 : 1
    second = now
    if (frames > mostFrames) return socket.close(1008, 'Too many requests')
    const request = readRequest(text)
    if (request === undefined) return refuse(null, 'JSON is not an object')
    take(request)
  })
  socket.onClose(() => unsubscribe([...streams]))
  if (!subscribe(target.streams)) socket.close(1008, 'Too many streams')
}

function isNames(params: unknown): params is readonly string[] {
  return Array.isArray(params) && params.length > 0 && params.every((it) => typeof it === 'string' && it.length <= 100)
}

function readRequest(text: string): Request | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
