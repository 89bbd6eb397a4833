import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEd25519Sealer, createEd25519Verifier } from '@barfinex/core'
import { afterEach, describe, expect, it } from 'vitest'
import { readArguments } from './arguments.js'
import type { Command } from './command.js'
import { keysCommand } from './keys-command.js'
import type { Output } from './output.js'
import { redisCommand } from './redis-command.js'

const made: string[] = []
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'barfinex-secrets-'))
  made.push(path)
  return path
}

async function run(command: Command, ...words: string[]): Promise<Readonly<Record<string, unknown>>> {
  let result: object = {}
  const output: Output = {
    json: true,
    result: (value) => {
      result = value
    },
    note: () => {},
    progress: () => {},
  }
  expect(await command.run(readArguments(command.name, command.options, words), output)).toBe(0)
  return result as Readonly<Record<string, unknown>>
}

const modeOf = (path: string) => statSync(path).mode & 0o777

describe('secrets for daemons', () => {
  it('keys: a pair of which only the public half may be read by others, and which is never replaced', async () => {
    const path = directory()
    const { keyId, privateKeyFile, publicKeyFile } = (await run(keysCommand, path)) as Record<string, string>
    expect([modeOf(privateKeyFile as string), modeOf(publicKeyFile as string)]).toEqual([0o600, 0o644])
    const privateKey = readFileSync(privateKeyFile as string, 'utf8')
    const sealer = createEd25519Sealer(keyId as string, privateKey)
    const verifier = createEd25519Verifier({ [keyId as string]: readFileSync(publicKeyFile as string, 'utf8') })
    expect(verifier.verify(keyId as string, 'x', sealer.seal('x'))).toBe(true)
    await expect(run(keysCommand, path)).rejects.toThrow(/there already/)
    expect(readFileSync(privateKeyFile as string, 'utf8')).toBe(privateKey)
  })

  it('redis: a password for each user, of which the access list holds hashes only', async () => {
    const path = directory()
    await run(redisCommand, path, '--namespace', 'desk')
    const files = readdirSync(path).sort()
    expect(files).toEqual([
      'admin.password',
      'advisor.password',
      'detector.password',
      'inspector.password',
      'provider.password',
      'studio.password',
      'users.acl',
    ])
    const list = readFileSync(join(path, 'users.acl'), 'utf8')
    expect(list).toContain('bfx:desk:stream:order.command')
    const passwords = files.slice(0, -1).map((name) => readFileSync(join(path, name), 'utf8').trim())
    expect(new Set(passwords).size).toBe(6)
    for (const name of files) expect(modeOf(join(path, name)), name).toBe(0o600)
    for (const password of passwords) {
      expect(password).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(list).not.toContain(password)
    }
    await expect(run(redisCommand, path)).rejects.toThrow(/there already/)
  })

  it('asks for a directory', async () => {
    await expect(run(keysCommand)).rejects.toThrow(/Name a directory/)
    await expect(run(redisCommand)).rejects.toThrow(/Name a directory/)
  })
})
