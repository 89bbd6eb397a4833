import { createHash, timingSafeEqual } from 'node:crypto'
import { BarfinexError } from '@barfinex/core'
import { parseGuardedJson } from '../gateway/guarded-json.js'
import type { ControlAct } from './venue-control.js'
import { VenueError } from './venue-world.js'
import type { HttpCall } from './wire/http-door.js'

/** Serves the control port: JSON in, JSON out, and nothing without the token. */
export function serveControl(acts: readonly ControlAct[], token: string): (call: HttpCall) => void {
  const table = new Map(acts.map((act) => [act.at, act]))

  async function answer(call: HttpCall): Promise<void> {
    const said = call.headers.authorization ?? ''
    if (!isSame(said, `Bearer ${token}`)) {
      return reply(call, 401, { error: { message: 'Send the control token: Authorization: Bearer TOKEN.' } })
    }
    const act = table.get(`${call.method} ${call.path}`)
    if (act === undefined) {
      return reply(call, 404, {
        error: { message: 'There is no such act.' },
        acts: acts.map((it) => `${it.at}: ${it.help}`),
      })
    }
    try {
      const result = await act.run(call.body === '' ? {} : parseGuardedJson(call.body))
      reply(call, 200, { result: result ?? null })
    } catch (error) {
      if (BarfinexError.is(error)) reply(call, 400, { error: { code: error.code, message: error.message } })
      else if (error instanceof VenueError) reply(call, 400, { error: { code: error.code, message: error.msg } })
      else throw error
    }
  }

  return (call) => void answer(call)
}

function reply(call: HttpCall, status: number, body: object): void {
  call.reply(status, {}, JSON.stringify(body))
}

function isSame(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}
