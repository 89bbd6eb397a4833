import { VenueError, type VenueParams } from '../venue-world.js'

/** Parameters of a call: what the handler reads, and the text the client signed. */
export interface CallParams {
  /** Decoded, without `signature`. */
  readonly values: VenueParams
  /** The raw query followed by the raw body, without the `signature` pair: what HMAC and Ed25519 are made of. */
  readonly signedText: string
  readonly signature: string | undefined
}

const poisoned = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads the parameters of a REST call. Clients put them in the query, in the body, or part in each; the query counts first.
 *
 * Throws -1101 for a parameter that is sent twice and -1100 for text that cannot be decoded.
 */
export function readParams(query: string, body: string): CallParams {
  const values: Record<string, string> = Object.create(null)
  for (const pair of `${query}&${body}`.split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = decode(at === -1 ? pair : pair.slice(0, at))
    if (poisoned.has(name)) throw illegal(name)
    if (name in values) throw new VenueError(-1101, `Duplicate values for parameter '${name}'.`)
    values[name] = decode(at === -1 ? '' : pair.slice(at + 1))
  }
  const { signature, ...rest } = values
  return { values: rest, signedText: `${unsigned(query)}${unsigned(body)}`, signature }
}

/**
 * Reads the parameters of a request over the WebSocket API. Numbers and booleans count as their text, lists and objects as JSON.
 * Their signature covers `name=value` sorted by name and joined by `&`.
 */
export function readSocketParams(params: unknown): CallParams {
  if (params === undefined || params === null) return { values: {}, signedText: '', signature: undefined }
  if (typeof params !== 'object' || Array.isArray(params)) throw illegal('params')
  const values: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(params)) {
    if (poisoned.has(name)) throw illegal(name)
    if (value === null || value === undefined) continue
    values[name] = typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
  const { signature, ...rest } = values
  const names = Object.keys(rest).sort()
  return { values: rest, signedText: names.map((name) => `${name}=${rest[name]}`).join('&'), signature }
}

function unsigned(text: string): string {
  return text
    .split('&')
    .filter((pair) => !pair.startsWith('signature='))
    .join('&')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw illegal(text.slice(0, 20))
  }
}

function illegal(name: string): VenueError {
  return new VenueError(-1100, `Illegal characters found in parameter '${name}'.`)
}
