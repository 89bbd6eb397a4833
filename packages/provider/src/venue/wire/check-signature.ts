import { createHmac, timingSafeEqual, verify } from 'node:crypto'
import { type VenueAccount, VenueError, type VenueParams } from '../venue-world.js'
import type { CallParams } from './read-params.js'

const usualWindowMs = 5_000
const widestWindowMs = 60_000
/** How far ahead of the venue a client's clock may be. */
const aheadMs = 1_000

/**
 * Checks who signed: HMAC-SHA256 in hex by the account's secret, or Ed25519 in base64 by its public key.
 * Throws -1102 without a signature and -1022 for a wrong one.
 */
export function checkSignature(account: VenueAccount, params: CallParams): void {
  const { signature, signedText } = params
  if (signature === undefined || signature === '') throw missing('signature')
  if (isHmac(account.secret, signedText, signature) || isEd25519(account.publicKey, signedText, signature)) return
  throw new VenueError(-1022, 'Signature for this request is not valid.')
}

/** `session.logon` takes Ed25519 only, as Binance has it. */
export function checkEd25519(account: VenueAccount, params: CallParams): void {
  const { signature, signedText } = params
  if (signature === undefined || signature === '') throw missing('signature')
  if (isEd25519(account.publicKey, signedText, signature)) return
  if (account.publicKey === undefined) {
    throw new VenueError(-4056, 'HMAC_SHA256 API key is not supported.')
  }
  throw new VenueError(-1022, 'Signature for this request is not valid.')
}

/** Holds `timestamp` and `recvWindow` against the venue's clock: -1021 ahead of it, and -1021 with other words behind it. */
export function checkTimestamp(values: VenueParams, now: number): void {
  const text = values['timestamp']
  if (text === undefined || text === '') throw missing('timestamp')
  const timestamp = instant(text)
  const window = values['recvWindow'] === undefined ? usualWindowMs : Number(values['recvWindow'])
  if (!Number.isFinite(window) || window < 0)
    throw new VenueError(-1130, "Data sent for parameter 'recvWindow' is not valid.")
  if (window > widestWindowMs) throw new VenueError(-1131, 'recvWindow must be less than 60000')
  if (timestamp >= now + aheadMs) {
    throw new VenueError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
  }
  if (now > timestamp + window) {
    throw new VenueError(-1021, 'Timestamp for this request is outside of the recvWindow.')
  }
}

function instant(text: string): number {
  if (!/^\d{1,19}(\.\d+)?$/.test(text)) {
    throw new VenueError(-1100, "Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'.")
  }
  const value = Number(text)
  // Binance also takes microseconds.
  return value > 1e14 ? value / 1_000 : value
}

function missing(name: string): VenueError {
  return new VenueError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`)
}

function isHmac(secret: string, text: string, signature: string): boolean {
  const wanted = createHmac('sha256', secret).update(text).digest()
  if (!/^[0-9a-f]{64}$/i.test(signature)) return false
  return timingSafeEqual(wanted, Buffer.from(signature, 'hex'))
}

function isEd25519(publicKey: string | undefined, text: string, signature: string): boolean {
  if (publicKey === undefined) return false
  const bytes = Buffer.from(signature, 'base64')
  if (bytes.length !== 64) return false
  return verify(null, Buffer.from(text), publicKey, bytes)
}
