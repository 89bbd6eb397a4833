import { BarfinexError, type Clock } from '@barfinex/core'
import type { ExchangeAddresses } from './exchange-addresses.js'
import type { ExchangeKey } from './exchange-key.js'
import { faultOfReply, faultOfThrown, RequestFault } from './request-fault.js'

export type Method = 'GET' | 'POST' | 'DELETE'
/** Public, signed, or signed beside trading. */
export type Access = 'public' | 'private' | 'sapi'
export type Params = Readonly<Record<string, string | number>>
export type Headers = Readonly<Record<string, unknown>>

/** ccxt reduced to what is used of it: addressed, signed and parsed requests. Shows nothing of the key when it is printed. */
export interface Wire {
  /** Rejects with a {@link RequestFault} and nothing else. */
  request(access: Access, method: Method, path: string, params: Params): Promise<unknown>
  /** Parameters of a WebSocket request, signed. */
  sign(params: Params): Readonly<Record<string, unknown>>
  /** Takes a secret out of a text. */
  redact(text: string): string
  close(): Promise<void>
}

export interface WireOptions {
  readonly addresses: ExchangeAddresses
  readonly key: ExchangeKey
  readonly clock: Clock
  readonly recvWindowMs: number
  readonly timeoutMs: number
  /** Exchange time for the signature. */
  readonly now: () => number
  /** Told of the headers of every reply. */
  readonly onHeaders: (headers: Headers) => void
}

/**
 * Loads ccxt and puts it on a leash: no retries, no order ids of its own, no rate limiter that waits, errors told by the wire.
 *
 * Its unified methods are not used: they read a price on a market order as an amount of quote, round what they are given, and
 * turn money into floats. Its raw methods sign and send exactly what they are told.
 *
 * Throws `exchange.library-missing`.
 */
export async function loadCcxt(options: WireOptions): Promise<Wire> {
  const { addresses, key, clock, timeoutMs } = options
  const { default: ccxt } = await importCcxt()

  class Leashed extends ccxt.pro.binance {
    override nonce(): number {
      return Math.floor(options.now())
    }

    override handleErrors(
      status: number,
      _reason: string,
      _url: string,
      _method: string,
      headers: Headers,
      _body: string,
      reply: unknown,
    ): undefined {
      options.onHeaders(headers)
      if (status < 200 || status >= 400) throw faultOfReply(status, headers, reply)
      if (typeof reply !== 'object' || reply === null) {
        throw new RequestFault('unclear', null, 'The reply is not JSON.')
      }
      return undefined
    }
  }

  const exchange = new Leashed({
    apiKey: key.key,
    secret: key.secret,
    enableRateLimit: false,
    timeout: timeoutMs,
    options: { recvWindow: options.recvWindowMs, maxRetriesOnFailure: 0 },
  })
  const { api } = exchange.urls as { api: Record<string, unknown> }
  api['public'] = addresses.rest
  api['private'] = addresses.rest
  api['sapi'] = addresses.account
  const secrets = [key.secret, key.key]

  return {
    async request(access, method, path, params) {
      let cancel = () => {}
      const late = new Promise<never>((_resolve, reject) => {
        // ccxt's own timeout ends with the headers: this one is for the whole reply.
        cancel = clock.schedule(clock.now() + timeoutMs, () => {
          reject(new RequestFault('unclear', null, 'No whole reply in time.'))
        })
      })
      try {
        return await Promise.race([exchange.fetch2(path, access, method, { ...params }), late])
      } catch (error) {
        throw faultOfThrown(error)
      } finally {
        cancel()
      }
    },
    sign: (params) => exchange.signParams({ ...params }) as Record<string, unknown>,
    redact: (text) => secrets.reduce((shown, secret) => shown.split(secret).join('[redacted]'), text),
    async close() {
      const { fetchDispatcher } = exchange as { fetchDispatcher?: { destroy?: () => Promise<void> } }
      await fetchDispatcher?.destroy?.()
    },
  }
}

/** ccxt itself. Throws `exchange.library-missing`. */
export async function importCcxt(): Promise<typeof import('ccxt')> {
  try {
    return await import('ccxt')
  } catch (cause) {
    throw new BarfinexError(
      'exchange.library-missing',
      'A real exchange needs ccxt, which is not installed. Run `npm install --ignore-scripts ccxt@4.5.84`.',
      { cause },
    )
  }
}
