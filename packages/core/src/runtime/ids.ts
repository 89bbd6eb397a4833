import { createHash } from 'node:crypto'

/** The only source of identity. */
export interface Ids {
  /** A new id, unique in this run: `<prefix>-<run>-<count>`. */
  next(prefix: string): string
}

/** Ids that count up from a seed: the same run makes the same ids. */
export function createIds(seed: number | string): Ids {
  const run = derivedId('run', String(seed)).slice(0, 8)
  let count = 0
  return { next: (prefix) => `${prefix}-${run}-${(count++).toString(36)}` }
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * An id made from what it identifies: 26 base32 letters (130 bits) of SHA-256 over the parts and their lengths.
 * Doing the same thing again, even after a crash, gives the same id, so its effect can be counted once.
 */
export function derivedId(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:${part}`)
  const digest = hash.digest()
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of digest) {
    value = ((value << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5 && text.length < 26) {
      bits -= 5
      text += alphabet[(value >>> bits) & 31]
    }
  }
  return text
}
