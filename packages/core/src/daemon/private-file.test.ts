import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readPrivateFile } from './private-file.js'

const root = mkdtempSync(join(tmpdir(), 'barfinex-private-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const credentials = join(root, 'credentials')
mkdirSync(join(credentials, 'below'), { recursive: true })

const about = { what: 'The password', madeBy: 'barfinex redis DIR' }
const bySystemd = (name: string) => (name === 'CREDENTIALS_DIRECTORY' ? `${credentials}/` : undefined)

function secret(path: string, mode: number): string {
  const file = join(root, path)
  writeFileSync(file, 'hush')
  chmodSync(file, mode)
  return file
}

it("is its owner's alone", () => {
  expect(readPrivateFile(secret('own', 0o600), about, () => undefined)).toBe('hush')
  for (const mode of [0o640, 0o604, 0o620]) {
    expect(() => readPrivateFile(secret('open', mode), about, () => undefined)).toThrow('chmod 600')
  }
})

it('lets the group read what systemd put into the directory of credentials, and nothing more', () => {
  expect(readPrivateFile(secret('credentials/password', 0o440), about, bySystemd)).toBe('hush')
  for (const mode of [0o444, 0o460, 0o450]) {
    expect(() => readPrivateFile(secret('credentials/wide', mode), about, bySystemd)).toThrow('chmod 600')
  }
  expect(() => readPrivateFile(secret('credentials/below/deep', 0o440), about, bySystemd)).toThrow('chmod 600')
  expect(() => readPrivateFile(secret('beside', 0o440), about, bySystemd)).toThrow('chmod 600')
  expect(() => readPrivateFile(secret('beside', 0o440), about, () => '')).toThrow('chmod 600')
})

it('says what makes a file that is not there', () => {
  expect(() => readPrivateFile(join(root, 'none'), about, () => undefined)).toThrow(
    'Make one with `barfinex redis DIR`',
  )
})
