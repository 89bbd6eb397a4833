import { createHash } from 'node:crypto'
import { BarfinexError } from '../runtime/error.js'

/**
 * Canonical JSON (RFC 8785): keys sorted by UTF-16 units, shortest number form, no blanks, `undefined` members left out.
 * Equal values give equal text, so their hashes can be compared. Refuses NaN, infinities, functions and bigints.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new BarfinexError('message.invalid', `${value} has no canonical form.`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    const record = value as Record<string, unknown>
    let text = '{'
    for (const key of Object.keys(record).sort()) {
      const member = record[key]
      if (member === undefined) continue
      text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${canonicalJson(member)}`
    }
    return `${text}}`
  }
  throw new BarfinexError('message.invalid', `A ${typeof value} has no canonical form.`)
}

/** SHA-256 of text, as 64 hexadecimal digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** SHA-256 of a value's canonical JSON. */
export function hashOf(value: unknown): string {
  return sha256(canonicalJson(value))
}
