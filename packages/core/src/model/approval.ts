import { createHmac, createPrivateKey, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto'
import type { Approval, ApprovedCancel, ApprovedOrder, Order } from '../flow/5-order.js'
import { canonicalJson, sha256 } from '../journal/canonical.js'
import { BarfinexError } from '../runtime/error.js'
import { freezeDeep } from '../runtime/freeze-deep.js'

/** Signs bytes with a key that never leaves it. */
export interface Sealer {
  readonly keyId: string
  seal(text: string): string
}

/** Checks a signature; false for unknown keys and for anything malformed. */
export interface Verifier {
  verify(keyId: string, text: string, signature: string): boolean
}

/** Both halves of the seal as one desk holds them. Only the first caller gets the sealer: Inspector. */
export interface ApprovalAuthority {
  readonly verifier: Verifier
  /** The right to seal. A second claim is `approval.sealer-claimed`. */
  claimSealer(): Sealer
}

/** One action that needs a seal. */
export type SealedAction =
  | { readonly action: 'submit'; readonly order: Order }
  | { readonly action: 'cancel'; readonly clientOrderId: string; readonly symbol: string }

/** SHA-256 of the exact action: a changed quantity is another action. */
export function subjectHashOf(action: SealedAction): string {
  return sha256(canonicalJson(action))
}

/** The text that is signed: everything in the approval but the signature. */
export function approvalText(approval: Omit<Approval, 'signature'>): string {
  const { account, epoch, clientOrderId, subjectHash, expiresAt, nonce, keyId } = approval
  return canonicalJson({ account, epoch, clientOrderId, subjectHash, expiresAt, nonce, keyId })
}

export type SealRefusal =
  | 'order.seal.forged'
  | 'order.seal.wrong-order'
  | 'order.seal.wrong-account'
  | 'order.seal.expired'

/**
 * Checks a seal against the action it claims to cover. `null` means it holds; use and epoch are the gateway's to check.
 */
export function refuseSeal(
  verifier: Verifier,
  approval: Approval,
  action: SealedAction,
  account: string,
  now: number,
): SealRefusal | null {
  if (!verifier.verify(approval.keyId, approvalText(approval), approval.signature)) return 'order.seal.forged'
  const clientOrderId = action.action === 'submit' ? action.order.clientOrderId : action.clientOrderId
  if (approval.clientOrderId !== clientOrderId || approval.subjectHash !== subjectHashOf(action)) {
    return 'order.seal.wrong-order'
  }
  if (approval.account !== account) return 'order.seal.wrong-account'
  if (now >= approval.expiresAt) return 'order.seal.expired'
  return null
}

/**
 * For Inspector alone: an order with the seal it has just made, neither of which can be changed any more. `scripts/tidy` refuses the
 * import elsewhere.
 */
export function sealedOrder(order: Order, approval: Approval): ApprovedOrder {
  return freezeDeep({ order, approval }) as ApprovedOrder
}

/** For Inspector alone: a cancel with the seal it has just made. */
export function sealedCancel(clientOrderId: string, symbol: string, approval: Approval): ApprovedCancel {
  return freezeDeep({ clientOrderId, symbol, approval }) as ApprovedCancel
}

/** A key for one process: HMAC-SHA256 over random bytes that exist nowhere else. */
export function createProcessAuthority(key: Uint8Array): ApprovalAuthority {
  const keyId = 'process'
  const mac = (text: string) => createHmac('sha256', key).update(text).digest()
  let claimed = false
  return {
    verifier: {
      verify(id, text, signature) {
        if (id !== keyId) return false
        const given = Buffer.from(signature, 'base64url')
        const wanted = mac(text)
        return given.length === wanted.length && timingSafeEqual(given, wanted)
      },
    },
    claimSealer() {
      if (claimed) {
        throw new BarfinexError('approval.sealer-claimed', 'This desk has an Inspector already. Give it only one.')
      }
      claimed = true
      return { keyId, seal: (text) => mac(text).toString('base64url') }
    },
  }
}

/** Seals with an Ed25519 private key in PEM, for an Inspector daemon. */
export function createEd25519Sealer(keyId: string, privateKeyPem: string): Sealer {
  const key = createPrivateKey(privateKeyPem)
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new BarfinexError('config.invalid', 'The approval key must be an Ed25519 private key in PEM.')
  }
  return { keyId, seal: (text) => sign(null, Buffer.from(text), key).toString('base64url') }
}

/** Verifies with Ed25519 public keys in PEM by key id, for a Provider daemon. */
export function createEd25519Verifier(publicKeysPem: Readonly<Record<string, string>>): Verifier {
  const keys = new Map(Object.entries(publicKeysPem).map(([id, pem]) => [id, createPublicKey(pem)]))
  return {
    verify(keyId, text, signature) {
      const key = keys.get(keyId)
      return key !== undefined && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))
    },
  }
}
