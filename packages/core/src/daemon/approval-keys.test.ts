import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { BarfinexError } from '../runtime/error.js'
import { approvalsOf, createApprovalKeys } from './approval-keys.js'

const directory = mkdtempSync(join(tmpdir(), 'barfinex-keys-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function file(name: string, content: string, mode: number): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

/** What is thrown, and that no key is shown in it. */
function refusal(act: () => unknown, secret = 'PRIVATE KEY'): string {
  try {
    act()
  } catch (error) {
    if (!BarfinexError.is(error)) throw error
    expect(`${error.message} ${JSON.stringify(error.details)} ${String(error.cause)}`).not.toContain(secret)
    return error.code
  }
  return 'nothing'
}

describe('approval keys between daemons', () => {
  const keys = createApprovalKeys()
  const privateKeyFile = file('approval.key', keys.privateKeyPem, 0o600)
  const publicKeyFile = file('approval.pub', keys.publicKeyPem, 0o644)

  it('Inspector seals with the private half, Provider knows the seal by the public one, from a file or as text', () => {
    const sealer = approvalsOf('seals', { privateKeyFile }).claimSealer()
    expect(sealer.keyId).toBe(keys.keyId)
    const signature = sealer.seal('an order')
    for (const given of [publicKeyFile, keys.publicKeyPem]) {
      const { verifier } = approvalsOf('verifies', { publicKeys: [given] })
      expect(verifier.verify(keys.keyId, 'an order', signature)).toBe(true)
      expect(verifier.verify(keys.keyId, 'another order', signature)).toBe(false)
      expect(verifier.verify('another', 'an order', signature)).toBe(false)
    }
  })

  it('while keys are changed both count; the one that is taken out does not', () => {
    const next = createApprovalKeys()
    const old = approvalsOf('seals', { privateKeyFile }).claimSealer()
    const signature = old.seal('an order')
    const both = approvalsOf('verifies', { publicKeys: [keys.publicKeyPem, next.publicKeyPem] }).verifier
    expect(both.verify(old.keyId, 'an order', signature)).toBe(true)
    const later = approvalsOf('verifies', { publicKeys: [next.publicKeyPem] }).verifier
    expect(later.verify(old.keyId, 'an order', signature)).toBe(false)
  })

  it('no key, no start', () => {
    expect(refusal(() => approvalsOf('seals', {}))).toBe('approval.key-missing')
    expect(refusal(() => approvalsOf('verifies', {}))).toBe('approval.key-missing')
    expect(refusal(() => approvalsOf('verifies', { publicKeys: [] }))).toBe('approval.key-missing')
    expect(refusal(() => approvalsOf('verifies', { publicKeys: [join(directory, 'none.pub')] }))).toBe(
      'approval.key-missing',
    )
    expect(refusal(() => approvalsOf('seals', { privateKeyFile: join(directory, 'none.key') }))).toBe(
      'config.not-found',
    )
  })

  it('only Inspector gets a sealer, and only one', () => {
    const authority = approvalsOf('seals', { privateKeyFile })
    authority.claimSealer()
    expect(refusal(() => authority.claimSealer())).toBe('approval.sealer-claimed')
    expect(refusal(() => approvalsOf('verifies', { publicKeys: [publicKeyFile] }).claimSealer())).toBe(
      'approval.key-missing',
    )
    const none = approvalsOf('none', {})
    expect(refusal(() => none.claimSealer())).toBe('approval.key-missing')
    expect(none.verifier.verify(keys.keyId, 'an order', '')).toBe(false)
  })

  it('a private key that others can read, or behind a link, is refused', () => {
    for (const mode of [0o640, 0o604, 0o660]) {
      expect(refusal(() => approvalsOf('seals', { privateKeyFile: file('open.key', keys.privateKeyPem, mode) }))).toBe(
        'config.invalid',
      )
    }
    symlinkSync(privateKeyFile, join(directory, 'link.key'))
    expect(refusal(() => approvalsOf('seals', { privateKeyFile: join(directory, 'link.key') }))).toBe('config.invalid')
  })

  it('the public half is no key to seal with, and is called by its name whoever may read it', () => {
    for (const mode of [0o600, 0o644]) {
      const privateKeyFile = file('half.pub', keys.publicKeyPem, mode)
      expect(() => approvalsOf('seals', { privateKeyFile })).toThrow('is the public half of the approval key')
      expect(refusal(() => approvalsOf('seals', { privateKeyFile }))).toBe('config.invalid')
    }
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    expect(refusal(() => approvalsOf('seals', { privateKeyFile: file('ec.key', ec.toString(), 0o600) }))).toBe(
      'config.invalid',
    )
  })

  it('what is no Ed25519 key is refused without being shown, and a private half is not accepted for a public one', () => {
    const secret = 'c2VjcmV0LXNlY3JldA'
    const junk = file('junk.key', `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`, 0o600)
    expect(refusal(() => approvalsOf('seals', { privateKeyFile: junk }), secret)).toBe('config.invalid')
    expect(refusal(() => approvalsOf('verifies', { publicKeys: [privateKeyFile] }))).toBe('config.invalid')
  })
})
