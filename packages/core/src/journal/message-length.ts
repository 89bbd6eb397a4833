import { BarfinexError } from '../runtime/error.js'
import { longestContent } from './journal-record.js'

/** Bytes that a letter may take in JSON: `\u001f`. */
const longestLetter = 6
/** Characters of the longest number, with what separates it from the next. */
const longestNumber = 26

/** Bytes of a payload that a record of the journal has room for; the rest is for its envelope. */
const longestPayload = longestContent - 65_536

/**
 * Throws `message.too-long` for what a journal could not hold. Whoever takes messages in asks before anybody acts upon one, and whoever
 * publishes before it is sent: a journal that met one could only stop.
 */
export function refuseTooLong(channel: string, payload: unknown): void {
  if (roomLeft(payload, longestPayload) >= 0) return
  const length = Buffer.byteLength(JSON.stringify(payload))
  if (length <= longestPayload) return
  const text = `A message of ${channel} is ${length} bytes long, ${longestPayload} are the most.`
  throw new BarfinexError('message.too-long', `${text} Make its writer say less.`)
}

/** What is left of so many bytes when a value is written as JSON, at worst; negative when it may be too much, however much. */
function roomLeft(value: unknown, room: number): number {
  if (typeof value === 'string') return room - value.length * longestLetter - 3
  if (typeof value !== 'object' || value === null) return room - longestNumber
  let left = room - 3
  if (Array.isArray(value)) {
    for (const member of value as readonly unknown[]) {
      left = roomLeft(member, left)
      if (left < 0) return left
    }
    return left
  }
  for (const name in value) {
    left = roomLeft((value as Readonly<Record<string, unknown>>)[name], left - name.length * longestLetter - 3)
    if (left < 0) return left
  }
  return left
}
