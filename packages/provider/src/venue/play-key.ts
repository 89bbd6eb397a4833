import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'

/** A key to the venue. It opens nothing else and is made anew from the venue's seed, so it may be printed. */
export interface PlayKey {
  readonly apiKey: string
  /** Signs with HMAC-SHA256. */
  readonly secret: string
  /** PEM; signs with Ed25519, for `session.logon`. */
  readonly privateKey: string
  /** PEM; what the venue knows of it. */
  readonly publicKey: string
}

/** What an Ed25519 key looks like as PKCS #8 before its 32 bytes. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Makes the key of an account from the venue's seed. */
export function playKey(seed: number | string, account: string): PlayKey {
  const bytes = (what: string) => createHash('sha256').update(`barfinex venue/${seed}/${account}/${what}`).digest()
  const der = Buffer.concat([pkcs8Head, bytes('ed25519')])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return {
    apiKey: bytes('key').toString('hex'),
    secret: bytes('secret').toString('hex'),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
  }
}
