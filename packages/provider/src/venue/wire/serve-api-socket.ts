import { type VenueAccount, VenueError, type VenueWorld } from '../venue-world.js'
import type { Answer, CallDesk } from './call-desk.js'
import type { Operation } from './operation.js'
import type { RateLimitRow } from './rate-limits.js'
import { type CallParams, readSocketParams } from './read-params.js'
import { sessionOperations } from './session-operations.js'
import { createUserSubscriptions, type UserSubscriptions } from './user-subscriptions.js'
import { malformed, type VenueSocket } from './venue-socket.js'

export interface ApiSocketOptions {
  readonly world: VenueWorld
  readonly desk: CallDesk
  /** By method. */
  readonly operations: ReadonlyMap<string, Operation>
  readonly address: string
  limitRow(): RateLimitRow
}

interface Request {
  readonly id: string | number | null
  readonly method: string
  readonly params: CallParams
}

/** Serves the WebSocket API on one socket until it closes. Returns its subscriptions, for whoever ends them from outside. */
export function serveApiSocket(socket: VenueSocket, options: ApiSocketOptions): UserSubscriptions {
  const { world, desk, address } = options
  const subscriptions = createUserSubscriptions(world, socket)
  const session: { account: VenueAccount | undefined; since: number } = { account: undefined, since: world.now() }
  const own = sessionOperations(session, subscriptions)

  function reply(id: Request['id'], answer: Answer): void {
    if (answer.kind === 'silence') return
    if (answer.kind === 'reset') {
      socket.terminate()
      return
    }
    const { status, result, error } = answer
    const limit = options.limitRow()
    const rateLimits = [{ ...limit, count: answer.usedWeight }]
    const retry = answer.retryAfterSeconds
    const data =
      retry === undefined ? {} : { data: { serverTime: world.now(), retryAfter: world.now() + retry * 1_000 } }
    const body = error === undefined ? { result } : { error: { ...error, ...data } }
    const text = JSON.stringify({ id, status, ...body, rateLimits })
    socket.send(answer.isMalformed === true ? malformed(text) : text)
    if (status === 418) socket.close(1008, 'IP banned')
  }

  function refuse(id: Request['id'], code: number, msg: string): void {
    reply(id, { kind: 'reply', status: 400, error: { code, msg }, usedWeight: options.limitRow().count })
  }

  socket.onText((text) => {
    let request: Request
    try {
      request = readRequest(text)
    } catch (error) {
      if (error instanceof VenueError) return refuse(null, error.code, error.msg)
      throw error
    }
    const { id, method, params } = request
    const operation = own.get(method) ?? options.operations.get(method)
    if (operation === undefined) return refuse(id, -1000, `Unknown method '${method.slice(0, 40)}'.`)
    const call = { at: method, operation, params, apiKey: undefined, session: session.account, address }
    desk(call, (answer) => reply(id, answer))
  })
  return subscriptions
}

function readRequest(text: string): Request {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new VenueError(-1135, 'Malformed request: not JSON.')
  }
  if (typeof value !== 'object' || value === null) throw new VenueError(-1135, 'Malformed request: not an object.')
  const { id, method, params } = value as { id?: unknown; method?: unknown; params?: unknown }
  const isId =
    id === null || id === undefined || Number.isSafeInteger(id) || (typeof id === 'string' && id.length <= 36)
  if (!isId) throw new VenueError(-1135, 'Malformed request: id must be an integer, a string of up to 36, or null.')
  if (typeof method !== 'string') throw new VenueError(-1135, 'Malformed request: method is missing.')
  return { id: (id ?? null) as Request['id'], method, params: readSocketParams(params) }
}
