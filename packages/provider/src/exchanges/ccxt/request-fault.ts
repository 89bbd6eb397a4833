import { BarfinexError } from '@barfinex/core'

/**
 * What a failed request means for what it asked.
 *
 * `refused`: the exchange, or the way to it, said no; nothing was done. `limited`: it said no for now. `unclear`: anything may have
 * happened; only the exchange's records tell.
 */
export type FaultKind = 'refused' | 'limited' | 'unclear'

/** A request that did not succeed, told by what came over the wire. Carries no address, key or signature. */
export class RequestFault extends Error {
  override readonly name = 'RequestFault'

  constructor(
    readonly kind: FaultKind,
    /** The exchange's own code, such as -2010; `null` where none came. */
    readonly code: number | null,
    message: string,
    /** How long the exchange wants to be left alone, in milliseconds; 0 when it does not say. */
    readonly retryAfterMs = 0,
  ) {
    super(message)
  }

  /** The fault as readers of the exchange's records get it. */
  toError(what: string): BarfinexError {
    const details = { exchangeCode: this.code, kind: this.kind }
    const said = `${what}: ${this.message}`
    if (this.code !== null && keyCodes.has(this.code) && this.kind === 'refused') {
      return new BarfinexError(
        'exchange.unauthorized',
        `${said} Check key, secret, the key's address limits and rights, and this machine's clock.`,
        { details },
      )
    }
    if (this.kind === 'refused') return new BarfinexError('exchange.rejected', said, { details })
    return new BarfinexError('exchange.unavailable', said, { details, retryable: true })
  }
}

/** Signature, key format, key rights. */
const keyCodes: ReadonlySet<number> = new Set([-1002, -1022, -2014, -2015])
/** The exchange has stopped listening for a while; it has not looked at the request. */
const limitCodes: ReadonlySet<number> = new Set([-1003, -1015])
/** The exchange says itself that it does not know, or lost its backend on the way. */
const unclearCodes: ReadonlySet<number> = new Set([-1000, -1001, -1006, -1007, -1008, -1016])
/** Errors of the system that come before the first byte is sent: the same codes on a line that stood say nothing of the kind. */
const unsent = /\b(connect (ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)|getaddrinfo (ENOTFOUND|EAI_AGAIN))\b/

/**
 * Judges a reply with an error status, by its code and not by ccxt's classes: those put definite refusals and lost replies into
 * one family.
 */
export function faultOfReply(status: number, headers: Readonly<Record<string, unknown>>, body: unknown): RequestFault {
  const { code, msg } = readBody(body)
  const message = msg === null ? `HTTP ${status}.` : `${code} ${msg}`
  if (status === 429 || status === 418 || (code !== null && limitCodes.has(code))) {
    return new RequestFault('limited', code, message, retryAfterOf(headers))
  }
  // A 4xx without a code of the exchange comes from something in between, which may have passed the request on.
  const isUnclear = status >= 500 || code === null || unclearCodes.has(code)
  return new RequestFault(isUnclear ? 'unclear' : 'refused', code, message)
}

/** Judges what was thrown where no reply came. The text of ccxt names the whole address with its signature: it is not kept. */
export function faultOfThrown(error: unknown): RequestFault {
  if (error instanceof RequestFault) return error
  const text = error instanceof Error ? error.message : ''
  if (unsent.test(text)) return new RequestFault('refused', null, 'The exchange cannot be reached; nothing was sent.')
  const why = /timed out/.test(text) ? 'No reply in time.' : 'The connection broke before a whole reply came.'
  return new RequestFault('unclear', null, why)
}

function readBody(body: unknown): { readonly code: number | null; readonly msg: string | null } {
  if (typeof body !== 'object' || body === null) return { code: null, msg: null }
  const { code, msg } = body as { readonly code?: unknown; readonly msg?: unknown }
  const number = Number(code)
  const isCode = (typeof code === 'number' || typeof code === 'string') && Number.isSafeInteger(number) && number < 0
  return { code: isCode ? number : null, msg: isCode && typeof msg === 'string' ? msg.slice(0, 200) : null }
}

function retryAfterOf(headers: Readonly<Record<string, unknown>>): number {
  const name = Object.keys(headers).find((it) => it.toLowerCase() === 'retry-after')
  const seconds = Number(name === undefined ? Number.NaN : headers[name])
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds * 1_000) : 0
}
