import { VenueError } from '../venue-world.js'
import type { Answer, CallDesk } from './call-desk.js'
import type { HttpCall } from './http-door.js'
import type { Operation } from './operation.js'
import { readParams } from './read-params.js'
import { malformed } from './venue-socket.js'

/** Streams of user data by listen key are gone from spot; whoever still asks is told so. */
const listenKeyPaths = /^\/(api\/v3\/userDataStream|sapi\/v1\/userDataStream)/

export interface RestOptions {
  readonly operations: readonly Operation[]
  readonly desk: CallDesk
  /** Orders of an account still counted, by interval, for the reply's headers. */
  orderCounts(accountId: string): Readonly<Record<string, number>>
}

/** Serves the REST part of the venue. */
export function serveRest(options: RestOptions): (call: HttpCall) => void {
  const routes = new Map<string, Operation>()
  for (const operation of options.operations) {
    if (operation.rest !== undefined) routes.set(operation.rest, operation)
  }

  return (call) => {
    const at = `${call.method} ${call.path}`
    const operation = routes.get(at)
    if (listenKeyPaths.test(call.path)) return fail(call, 410, -1000, 'Listen keys are gone: use the WebSocket API.')
    if (operation === undefined) return call.reply(404, {}, JSON.stringify({ code: -1000, msg: `There is no ${at}.` }))
    let params: ReturnType<typeof readParams>
    try {
      params = readParams(call.query, call.body)
    } catch (error) {
      if (error instanceof VenueError) return fail(call, error.httpStatus, error.code, error.msg)
      throw error
    }
    const header = call.headers['x-mbx-apikey']
    const apiKey = typeof header === 'string' ? header : undefined
    const { address } = call
    options.desk({ at, operation, params, apiKey, session: undefined, address }, (answer) =>
      send(call, operation, answer, options),
    )
  }
}

function fail(call: HttpCall, status: number, code: number, msg: string): void {
  call.reply(status, {}, JSON.stringify({ code, msg }))
}

function send(call: HttpCall, operation: Operation, answer: Answer, options: RestOptions): void {
  if (answer.kind === 'silence') return
  if (answer.kind === 'reset') {
    call.reset()
    return
  }
  const headers: Record<string, string> = {
    'x-mbx-used-weight': String(answer.usedWeight),
    'x-mbx-used-weight-1m': String(answer.usedWeight),
  }
  if (answer.retryAfterSeconds !== undefined) headers['retry-after'] = String(answer.retryAfterSeconds)
  if (answer.status === 200 && operation.isAct === true && answer.account !== undefined) {
    for (const [interval, count] of Object.entries(options.orderCounts(answer.account.id))) {
      headers[`x-mbx-order-count-${interval.toLowerCase()}`] = String(count)
    }
  }
  const body = JSON.stringify(answer.error ?? answer.result)
  call.reply(answer.status, headers, answer.isMalformed === true ? malformed(body) : body)
}
