import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineStrategy, emaPullback } from '@barfinex/detector'
import { paper } from '@barfinex/provider'
import { afterAll, describe, expect, it } from 'vitest'
import { refuseUnfed } from '../run/refuse-unfed.js'
import { readArguments } from './arguments.js'
import { loadStrategy } from './load-strategy.js'
import { main } from './main.js'
import { llmRows, readLlm } from './read-llm.js'

const root = mkdtempSync(join(tmpdir(), 'barfinex-cli-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function file(name: string, content: string): string {
  const path = join(root, name)
  writeFileSync(path, content)
  return path
}

describe('a strategy file', () => {
  it('is refused with its fault when it is no JSON, or exports what only looks like a strategy', async () => {
    const broken = { code: 'strategy.invalid', message: expect.stringMatching(/is not JSON/) }
    await expect(loadStrategy(file('broken.json', '{ "id": '))).rejects.toMatchObject(broken)
    const refused = { code: 'strategy.invalid' }
    await expect(loadStrategy(file('fake.mjs', 'export default { hash: "x", id: "evil" }'))).rejects.toMatchObject(
      refused,
    )
    const changed = { ...emaPullback, thresholds: { long: 0.001 } }
    await expect(loadStrategy(file('changed.json', JSON.stringify(changed)))).rejects.toMatchObject(refused)
    await expect(loadStrategy(file('same.json', JSON.stringify(emaPullback)))).resolves.toEqual(emaPullback)
  })
})

describe('a language model', () => {
  it('needs an address that is one, and is not named by its mode alone', () => {
    const read = (...args: string[]) => readLlm(readArguments('up', llmRows, args))
    expect(() => read('--llm', 'nonsense', '--llm-model', 'm')).toThrow(/http:.*not "nonsense"/)
    expect(() => read('--llm', 'file:///etc', '--llm-model', 'm')).toThrow(/http:/)
    expect(() => read('--llm-mode', 'veto')).toThrow(/both --llm URL and --llm-model/)
    expect(read('--llm', 'http://127.0.0.1:1/v1', '--llm-model', 'm')).toMatchObject({ mode: 'veto' })
    expect(read()).toBeNull()
  })
})

describe('a tape of hours', () => {
  const tape = file('hours.csv', '20240101 00:00,100,102,99,101,5\n20240101 01:00,101,103,100,102,6\n')
  const terms = { kind: 'spot', base: 'BTC', quote: 'USDT', tickSize: '0.01', stepSize: '0.001', minQuantity: '0.001' }
  const sidecar = {
    symbol: 'BTC/USDT',
    timeframe: '1h',
    columns: ['time', 'open', 'high', 'low', 'close', 'volume'],
    header: false,
    time: 'YYYYMMDD HH:mm',
    timeZone: 'UTC',
    stamp: 'open',
    volumeUnit: 'base',
    priceScale: 1,
    instrument: { ...terms, minNotional: '5' },
    fees: { makerBps: '1', takerBps: '2' },
  }
  file('hours.csv.tape.json', JSON.stringify(sidecar))

  it('is refused for a strategy of minutes, and taken for one of days', async () => {
    const exchange = paper({ tape })
    const expected = {
      code: 'options.invalid',
      message: expect.stringMatching(/ema-pullback reads .* holds candles of 1h/),
    }
    await expect(refuseUnfed([emaPullback], exchange)).rejects.toMatchObject(expected)
    for (const call of [
      ['backtest', 'ema-pullback', '--tape', tape],
      ['up', '--no-studio', '--speed', 'max', '--tape', tape],
    ]) {
      expect(await main(call)).toBe(2)
    }
    const { hash: _, trigger: __, ...described } = emaPullback
    const inputs = Object.fromEntries(Object.keys(described.inputs).map((name) => [name, '1d' as const]))
    await expect(refuseUnfed([defineStrategy({ ...described, inputs })], exchange)).resolves.toBeUndefined()
    await expect(refuseUnfed([emaPullback], paper())).resolves.toBeUndefined()
  })
})

describe('a wrong call', () => {
  it('ends with code 2 before it has made anything', async () => {
    const journal = join(root, 'never-made')
    const call = ['up', '--no-studio', '--journal', journal, '--speed', 'max']
    for (const wrong of [
      ['--seed', ''],
      ['--for', '-1d'],
      ['--symbols', 'FOO'],
      ['--llm-mode', 'veto'],
      ['--llm', 'nonsense', '--llm-model', 'm'],
      ['--strategy', join(root, 'none.ts')],
    ]) {
      expect(await main([...call, ...wrong]), wrong.join(' ')).toBe(2)
    }
    expect(existsSync(journal)).toBe(false)
    expect(await main(['up', '--no-studio', '--for', '1m', '--speed', 'max', '--journal', file('taken', '')])).toBe(2)
    expect(await main(['--json'])).toBe(0)
    expect(await main(['up', '-h'])).toBe(0)
  })
})
