import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BarfinexError } from '@barfinex/core'
import { afterAll, expect, test } from 'vitest'
import { readExchangeKey } from './exchange-key.js'

const folder = mkdtempSync(join(tmpdir(), 'key-'))
afterAll(() => rmSync(folder, { recursive: true }))

const canary = 'canary-0123456789'
const none = () => undefined

function file(content: string, mode = 0o600): string {
  const path = join(folder, `${mode.toString(8)}-${content.length}.json`)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

function faultOf(path: string | undefined): BarfinexError {
  try {
    readExchangeKey(path, none)
  } catch (error) {
    if (BarfinexError.is(error)) return error
  }
  throw new Error('The key was read.')
}

test('a key comes from a file of its owner, or from the environment', () => {
  const path = file(JSON.stringify({ key: 'key-of-file', secret: canary }))
  expect(readExchangeKey(path, none)).toEqual({ key: 'key-of-file', secret: canary })
  const variables: Readonly<Record<string, string>> = {
    BARFINEX_EXCHANGE_KEY: 'key-of-env',
    BARFINEX_EXCHANGE_SECRET: canary,
  }
  expect(readExchangeKey(undefined, (name) => variables[name])).toEqual({ key: 'key-of-env', secret: canary })
})

test.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o666])('a file of mode %o is refused', (mode) => {
  const fault = faultOf(file(JSON.stringify({ key: 'key-of-file', secret: canary }), mode))
  expect(fault.code).toBe('config.invalid')
  expect(fault.message).toContain('chmod 600')
})

test('what is wrong with a file is said without its content', () => {
  const link = join(folder, 'link.json')
  symlinkSync(file(JSON.stringify({ key: 'key-of-file', secret: canary })), link)
  const faults = [
    faultOf(undefined),
    faultOf(join(folder, 'nowhere.json')),
    faultOf(folder),
    faultOf(link),
    faultOf(file(`{ "secret": "${canary}"`)),
    faultOf(file(JSON.stringify({ key: canary }))),
    faultOf(file(JSON.stringify({ key: 'key-of-file', secret: canary, [canary]: 1 }))),
  ]
  for (const { message, code } of faults) {
    expect(message).not.toContain(canary)
    expect(['config.invalid', 'config.not-found']).toContain(code)
  }
})
