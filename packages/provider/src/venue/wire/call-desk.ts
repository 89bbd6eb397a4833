import type { VenueFault } from '../venue-faults.js'
import { type VenueAccount, VenueError, type VenueParams, type VenueWorld } from '../venue-world.js'
import { checkParams } from './check-params.js'
import { checkEd25519, checkSignature, checkTimestamp } from './check-signature.js'
import type { KeyRing } from './key-restrictions.js'
import { type Operation, weightOf } from './operation.js'
import { RateLimitError, type RateLimits } from './rate-limits.js'
import type { CallParams } from './read-params.js'

/** One request, whichever way it came. */
export interface Call {
  /** Where faults may strike it: `POST /api/v3/order`, `order.place`. */
  readonly at: string
  readonly operation: Operation
  readonly params: CallParams
  readonly apiKey: string | undefined
  /** The account of a session that has logged on; such a call needs no signature of its own. */
  readonly session: VenueAccount | undefined
  /** The client's address, to which weight is charged. */
  readonly address: string
}

/** What the client gets to see. */
export type Answer =
  | {
      readonly kind: 'reply'
      readonly status: number
      readonly result?: unknown
      readonly error?: { readonly code: number; readonly msg: string; readonly data?: unknown }
      readonly usedWeight: number
      readonly retryAfterSeconds?: number
      /** Who asked, when it was checked. */
      readonly account?: VenueAccount
      readonly isMalformed?: boolean
    }
  /** No reply will ever come. */
  | { readonly kind: 'silence' }
  /** The connection is cut. */
  | { readonly kind: 'reset' }

type Reply = Extract<Answer, { readonly kind: 'reply' }>

/** After so long without an answer of the engine the venue says that it does not know. */
const engineTimeoutMs = 10_000

/** Takes requests through limits, faults and checks to the engine, and their answers back. `done` is called at most once. */
export type CallDesk = (call: Call, done: (answer: Answer) => void) => void

export function createCallDesk(world: VenueWorld, limits: RateLimits, keys: KeyRing): CallDesk {
  return (call, done) => {
    const { operation, address } = call
    const faults = world.faults.strike(call.at, () => call.params.values)

    function refused(error: unknown): Reply {
      if (!(error instanceof VenueError)) throw error
      const weight = error instanceof RateLimitError ? 0 : weightOf(operation, call.params.values)
      const reply: Reply = {
        kind: 'reply',
        status: error.httpStatus,
        error: { code: error.code, msg: error.msg, ...(error.data === undefined ? {} : { data: error.data }) },
        usedWeight: limits.charge(address, weight),
      }
      return error instanceof RateLimitError ? { ...reply, retryAfterSeconds: error.retryAfterSeconds } : reply
    }

    /** The engine's side: acts, and words the result. */
    function act(checked: Checked): Reply {
      try {
        const result = operation.run({
          world,
          values: checked.values,
          read: { extraLagMs: sum(faults, 'indexingLag') },
          account: () => {
            if (checked.account === undefined) throw new Error(`${call.at} has no account`)
            return checked.account
          },
        })
        const weight = operation.isAct === true ? 0 : weightOf(operation, checked.values)
        const reply: Reply = { kind: 'reply', status: 200, result, usedWeight: limits.charge(address, weight) }
        return checked.account === undefined ? reply : { ...reply, account: checked.account }
      } catch (error) {
        return refused(error)
      }
    }

    function answer(reply: Reply): void {
      let answered: Answer = reply
      let waitMs = 0
      for (const fault of faults) {
        if (fault.do === 'dropReply') answered = { kind: 'silence' }
        else if (fault.do === 'resetReply') answered = { kind: 'reset' }
        else if (fault.do === 'delayReply') waitMs += fault.ms
        else if (fault.do === 'malformed' && answered.kind === 'reply') answered = { ...answered, isMalformed: true }
        else if (fault.do === 'error' && fault.taken === true) answered = wordedAs(reply, fault)
      }
      const last = answered
      later(waitMs, () => done(last))
    }

    function later(ms: number, task: () => void): void {
      if (ms > 0) world.after(ms, task)
      else task()
    }

    function arrive(): void {
      let checked: Checked
      try {
        limits.admit(address)
        checked = check(world, call, keys, sum(faults, 'skew'))
      } catch (error) {
        answer(refused(error))
        return
      }
      const times = faults.some((it) => it.do === 'duplicate') ? 2 : 1
      const actAll = () => {
        let reply = act(checked)
        for (let time = 1; time < times; time += 1) reply = act(checked)
        return reply
      }
      const engineMs = sum(faults, 'engineDelay')
      if (engineMs < engineTimeoutMs) {
        later(engineMs, () => answer(actAll()))
        return
      }
      // The engine takes it all the same: what became of it only its own records say.
      world.after(engineMs, actAll)
      world.after(engineTimeoutMs, () => answer(refused(timedOut())))
    }

    for (const fault of faults) {
      if (fault.do === 'hang') return
      if (fault.do === 'reset') return done({ kind: 'reset' })
      if (fault.do === 'ban') limits.ban(address, fault.retryAfterSeconds)
      if (fault.do === 'halt') world.setStatus(operation.market ?? 'spot', fault.symbol, 'HALT')
      if (fault.do === 'rateLimit') {
        const msg = 'Too many requests; please use WebSocket Streams for live updates.'
        return answer(refused(new RateLimitError(msg, 429, fault.retryAfterSeconds)))
      }
      if (fault.do === 'error' && fault.taken !== true) {
        return answer(refused(new VenueError(fault.code, fault.msg, fault.httpStatus)))
      }
    }
    later(sum(faults, 'delay'), arrive)
  }
}

interface Checked {
  readonly values: VenueParams
  readonly account: VenueAccount | undefined
}

function check(world: VenueWorld, call: Call, keys: KeyRing, skewMs: number): Checked {
  const { operation, params, session } = call
  const values = checkParams(operation, params.values)
  if (operation.security === 'none') return { values, account: undefined }
  const apiKey = call.apiKey ?? params.values['apiKey']
  if (session === undefined && apiKey === undefined) throw new VenueError(-2014, 'API-key format invalid.', 401)
  const account = apiKey === undefined ? session : world.accountOf(apiKey)
  if (account === undefined || (operation.isAct === true && !keys.of(account.apiKey).mayTrade)) {
    throw new VenueError(-2015, 'Invalid API-key, IP, or permissions for action.', 401)
  }
  if (operation.security === 'key') return { values, account }
  checkTimestamp(params.values, world.now() + skewMs)
  if (operation.security === 'ed25519') checkEd25519(account, params)
  else if (apiKey !== undefined) checkSignature(account, params)
  return { values, account }
}

function timedOut(): VenueError {
  const msg = 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.'
  return new VenueError(-1007, msg, 503)
}

function wordedAs(reply: Reply, fault: Extract<VenueFault, { readonly do: 'error' }>): Reply {
  return {
    kind: 'reply',
    status: fault.httpStatus,
    error: { code: fault.code, msg: fault.msg },
    usedWeight: reply.usedWeight,
  }
}

type TimedFault = Extract<VenueFault, { readonly ms: number }>['do']

function sum(faults: readonly VenueFault[], kind: TimedFault): number {
  return faults.reduce((ms, fault) => (fault.do === kind && 'ms' in fault ? ms + fault.ms : ms), 0)
}
