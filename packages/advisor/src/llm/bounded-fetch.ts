import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** Longest body that is read, bytes. */
const mostBodyBytes = 65_536
const withoutBody = new Set([204, 205, 304])

/** A body longer than is read. */
export class BodyTooLarge extends Error {
  constructor() {
    super('the body is longer than is read')
  }
}

/**
 * A `fetch` for calls to one origin. It resolves when the whole body is there, so whoever bounds the call in time bounds the
 * body too; it reads 64 kB at most, follows no redirect, sends only the headers that the call needs, and has a connection of
 * its own that ends with the call. (The global `fetch` opens a second connection when a call is broken off, and keeps it.)
 */
export function boundedFetch(origin: string): typeof fetch {
  return async (input, init = {}) => {
    const address = new URL(input instanceof Request ? input.url : input)
    if (address.origin !== origin) throw new Error('the call left the configured origin')
    const given = new Headers(init.headers)
    const headers: Record<string, string> = { accept: 'application/json' }
    for (const name of ['authorization', 'content-type']) {
      const value = given.get(name)
      if (value !== null) headers[name] = value
    }
    const { status, received, body } = await exchange(address, headers, String(init.body ?? ''), init.signal ?? null)
    return new Response(withoutBody.has(status) ? null : body, { status, headers: received })
  }
}

interface Received {
  readonly status: number
  readonly received: Record<string, string>
  readonly body: string
}

function exchange(
  address: URL,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal | null,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const send = address.protocol === 'https:' ? httpsRequest : httpRequest
    const length = Buffer.byteLength(body)
    const sent = send(address, {
      method: 'POST',
      headers: { ...headers, 'content-length': length },
      agent: false,
      ...(signal === null ? {} : { signal }),
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      readBounded(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, received: headersOf(response), body: text }),
        (error: unknown) => {
          sent.destroy()
          reject(error as Error)
        },
      )
    })
    sent.end(body)
  })
}

async function readBounded(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += (chunk as Buffer).byteLength
    if (size > mostBodyBytes) throw new BodyTooLarge()
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const names = ['content-type', 'retry-after', 'retry-after-ms', 'x-request-id']
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name]
      return value === undefined ? [] : [[name, String(value)]]
    }),
  )
}
