import { randomBytes } from 'node:crypto'

/** Unpredictable bytes from the operating system, for keys, tokens and nonces. Never for anything that must replay. */
export function entropy(byteCount: number): Uint8Array {
  return randomBytes(byteCount)
}
