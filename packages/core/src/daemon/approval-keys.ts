import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import {
  type ApprovalAuthority,
  createEd25519Sealer,
  createEd25519Verifier,
  type Sealer,
  type Verifier,
} from '../model/approval.js'
import { BarfinexError } from '../runtime/error.js'
import { derivedId } from '../runtime/ids.js'
import type { ParsedDaemonOptions } from './daemon-options.js'
import { readPrivateFile } from './private-file.js'

/** A pair for approvals: Inspector seals with the private half, Provider checks with the public one. */
export interface ApprovalKeys {
  /** Made from the public half: both sides find it by themselves. */
  readonly keyId: string
  readonly privateKeyPem: string
  readonly publicKeyPem: string
}

/** Which half a daemon holds. */
export type ApprovalPart = 'seals' | 'verifies' | 'none'

/** A new pair of Ed25519 keys. */
export function createApprovalKeys(): ApprovalKeys {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { keyId: approvalKeyId(publicKey), privateKeyPem, publicKeyPem }
}

/**
 * The authority of a daemon, from the keys its configuration names. Throws `approval.key-missing` where the half it needs is not
 * named, and `config.invalid` where it is not what it should be: without a key there is no start.
 */
export function approvalsOf(part: ApprovalPart, options: ParsedDaemonOptions['approvals']): ApprovalAuthority {
  if (part === 'seals') return sealing(options.privateKeyFile)
  if (part === 'verifies') return { verifier: verifierOf(options.publicKeys ?? []), claimSealer: refuseSealer }
  return { verifier: { verify: () => false }, claimSealer: refuseSealer }
}

function sealing(file: string | undefined): ApprovalAuthority {
  if (file === undefined) {
    throw new BarfinexError(
      'approval.key-missing',
      'Inspector needs a key to approve orders. Make a pair with `barfinex keys DIR` and name the private half as daemon.approvals.privateKeyFile.',
    )
  }
  refusePublicHalf(file)
  const pem = readPrivateFile(file, { what: 'The approval key', madeBy: 'barfinex keys DIR' })
  const publicKey = parsed(pem, file, (text) => createPublicKey(createPrivateKey(text)))
  const keyId = approvalKeyId(publicKey)
  let sealer: Sealer | null = createEd25519Sealer(keyId, pem)
  return {
    verifier: createEd25519Verifier({ [keyId]: publicKey.export({ type: 'spki', format: 'pem' }).toString() }),
    claimSealer() {
      const claimed = sealer
      sealer = null
      if (claimed === null) {
        throw new BarfinexError('approval.sealer-claimed', 'This desk has an Inspector already. Give it only one.')
      }
      return claimed
    },
  }
}

/** Looked for first: who may read the public half does not matter, and a key that is anybody's approves nothing. */
function refusePublicHalf(file: string): void {
  const isPlain = lstatSync(file, { throwIfNoEntry: false })?.isFile() === true
  if (!isPlain || !readFileSync(file, 'utf8').includes('BEGIN PUBLIC KEY')) return
  const message = `"${file}" is the public half of the approval key, which is Provider's. Name the private one (approval.key) as daemon.approvals.privateKeyFile.`
  throw new BarfinexError('config.invalid', message)
}

function verifierOf(publicKeys: readonly string[]): Verifier {
  if (publicKeys.length === 0) {
    throw new BarfinexError(
      'approval.key-missing',
      'Provider needs the key by which it knows approvals. Name the public half of the pair in daemon.approvals.publicKeys.',
    )
  }
  const keys: Record<string, string> = {}
  for (const given of publicKeys) {
    const isText = given.startsWith('-----BEGIN')
    if (!isText && !existsSync(given)) {
      throw new BarfinexError(
        'approval.key-missing',
        `There is no approval key "${given}". Copy the public half there.`,
      )
    }
    const pem = isText ? given : readFileSync(given, 'utf8')
    if (pem.includes('PRIVATE KEY')) {
      const message = 'Provider is to know the public half of the approval key alone; this is the private one.'
      throw new BarfinexError('config.invalid', message)
    }
    const key = parsed(pem, isText ? 'daemon.approvals.publicKeys' : given, createPublicKey)
    keys[approvalKeyId(key)] = key.export({ type: 'spki', format: 'pem' }).toString()
  }
  return createEd25519Verifier(keys)
}

/** The public half. What is wrong with a key is said without showing it. */
function parsed(pem: string, where: string, read: (pem: string) => KeyObject): KeyObject {
  let key: KeyObject | null = null
  try {
    key = read(pem)
  } catch {
    // The cause would quote what stands in the file.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new BarfinexError(
    'config.invalid',
    `${where} holds no Ed25519 key in PEM. Make a pair with \`barfinex keys DIR\`.`,
  )
}

function approvalKeyId(publicKey: KeyObject): string {
  return derivedId('approval-key', publicKey.export({ type: 'spki', format: 'der' }).toString('base64')).slice(0, 12)
}

function refuseSealer(): never {
  throw new BarfinexError('approval.key-missing', 'This daemon may not approve orders: only Inspector holds the key.')
}
