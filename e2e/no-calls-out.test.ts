import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
let directory: string
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Loaded before everything else: writes down every name that is looked up and every address that is dialled. */
const witness = (file: string) => `
import dns from 'node:dns'
import { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import dgram from 'node:dgram'
const note = (what) => appendFileSync(${JSON.stringify(file)}, what + '\\n')
const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args) {
  const given = Array.isArray(args[0]) ? args[0][0] : args[0]
  note('connect ' + (typeof given === 'object' ? (given.path ?? given.host ?? 'localhost') : String(args[1] ?? 'localhost')))
  return connect.apply(this, args)
}
const { send } = dgram.Socket.prototype
dgram.Socket.prototype.send = function (...args) { note('send datagram'); return send.apply(this, args) }
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
  const before = dns[name]
  dns[name] = (host, ...rest) => { note('lookup ' + host); return before(host, ...rest) }
}
syncBuiltinESMExports()
`

function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env } })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += String(chunk)
    })
    child.stderr.on('data', (chunk) => {
      output += String(chunk)
    })
    child.on('close', (code) => resolve({ code, output }))
  })
}

test('with defaults a whole run, the terminal’s gateway included, calls nobody', async () => {
  directory = mkdtempSync(join(tmpdir(), 'barfinex-calls-'))
  const calls = join(directory, 'calls.txt')
  const preload = join(directory, 'witness.mjs')
  writeFileSync(calls, '')
  writeFileSync(preload, witness(calls))
  const args = [
    '--import',
    preload,
    '--import',
    'tsx',
    'packages/barfinex/src/bin.ts',
    'up',
    '--for',
    '2h',
    '--speed',
    'max',
    '--json',
  ]
  const { code, output } = await run(args, { XDG_STATE_HOME: directory })
  expect(code, output).toBe(0)
  const outside = readFileSync(calls, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !/ (localhost|127\.0\.0\.1|::1|\/.*)$/.test(line))
  expect(outside).toEqual([])
})

test('the witness sees a call when there is one', async () => {
  directory = mkdtempSync(join(tmpdir(), 'barfinex-calls-'))
  const calls = join(directory, 'calls.txt')
  const preload = join(directory, 'witness.mjs')
  writeFileSync(calls, '')
  writeFileSync(preload, witness(calls))
  const call =
    "require('node:http').get('http://outside.invalid/').on('error', () => {}); fetch('http://other.invalid/').catch(() => {})"
  await run(['--import', preload, '-e', call], {})
  expect(readFileSync(calls, 'utf8')).toMatch(/lookup outside\.invalid/)
  expect(readFileSync(calls, 'utf8')).toMatch(/other\.invalid/)
})
