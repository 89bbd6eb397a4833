import { VenueError, type VenueParams } from '../venue-world.js'
import type { Operation } from './operation.js'

const credentials = ['timestamp', 'recvWindow', 'apiKey', 'signature']

/**
 * Refuses a call whose parameters are not those of its operation: -1102 for one that is missing, -1105 for one that is empty,
 * -1104 for one that nobody reads. Returns the operation's own parameters.
 */
export function checkParams(operation: Operation, values: VenueParams): VenueParams {
  const needs = operation.needs ?? []
  const known = new Set([...needs, ...(operation.takes ?? [])])
  const own: Record<string, string> = {}
  let sent = 0
  let read = 0
  for (const [name, value] of Object.entries(values)) {
    sent += 1
    // Who signed is checked elsewhere; an operation that needs no signature reads it and does not mind.
    if (credentials.includes(name)) {
      read += 1
      continue
    }
    if (!known.has(name)) continue
    read += 1
    if (value === '') throw new VenueError(-1105, `Parameter '${name}' was empty.`)
    own[name] = value
  }
  for (const name of needs) {
    if (own[name] !== undefined) continue
    throw new VenueError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`)
  }
  if (read !== sent) {
    throw new VenueError(
      -1104,
      `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`,
    )
  }
  return own
}
