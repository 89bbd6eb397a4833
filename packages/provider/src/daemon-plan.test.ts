import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DaemonOptions, daemonOptions } from '@barfinex/core/daemon'
import { afterAll, describe, expect, it } from 'vitest'
import { daemonPlan } from './daemon-plan.js'

const directory = mkdtempSync(join(tmpdir(), 'barfinex-provider-plan-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const daemon = (over: Partial<DaemonOptions> = {}) =>
  daemonOptions.parse({
    redis: { url: 'redis://here' },
    journal: { directory: 'journal' },
    account: 'binance',
    ...over,
  })

const described = (exchange: object) => daemonPlan.read?.({ exchange }, () => undefined) ?? {}

describe('Provider as a daemon', () => {
  it.each([
    [{}, {}],
    [{ deadManMs: null }, { leaseMs: 500 }],
    [{ deadManMs: 3_999 }, { leaseMs: 15_000, heartbeatMs: 2_000 }],
  ])('starts with %j and %j', (options, over) => {
    expect(() => daemonPlan.refuse?.(options, daemon(over))).not.toThrow()
  })

  it.each([
    [{}, { leaseMs: 54_000 }, /deadManMs to 29999 or less, or daemon\.leaseMs to 54001 or more/],
    [{ deadManMs: 4_000 }, { leaseMs: 15_000 }, /deadManMs to 3999 or less, or daemon\.leaseMs to 15001 or more/],
    [{ deadManMs: 1_000 }, { leaseMs: 6_000 }, /Set daemon\.leaseMs to 10501 or more/],
  ])('refuses %j with %j: its lease could end before the dead man acts', (options, over, message) => {
    const wrong = expect.objectContaining({ code: 'config.invalid', message: expect.stringMatching(message) })
    expect(() => daemonPlan.refuse?.(options, daemon(over))).toThrow(wrong)
  })

  it('knows before it connects that the account is another one', async () => {
    const options = await described({ ccxt: { account: 'mine', venueUrl: 'http://127.0.0.1:1' } })
    expect(() => daemonPlan.refuse?.(options, daemon({ account: 'mine' }))).not.toThrow()
    expect(() => daemonPlan.refuse?.(options, daemon())).toThrow(/serves account "mine".*says "binance"/)
  })

  it("checks the key file without a connection: that it is there, its owner's alone, and holds a key", async () => {
    const keyFile = join(directory, 'exchange.key.json')
    const check = async () => daemonPlan.check?.(await described({ ccxt: { keyFile, venueUrl: 'http://127.0.0.1:1' } }))
    await expect(check()).rejects.toMatchObject({ code: 'config.not-found' })
    writeFileSync(keyFile, JSON.stringify({ key: 'a-key-of-mine', secret: 'a-secret-of-mine' }))
    chmodSync(keyFile, 0o644)
    await expect(check()).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringMatching(/chmod 600/) })
    chmodSync(keyFile, 0o600)
    await expect(check()).resolves.toBeUndefined()
    writeFileSync(keyFile, JSON.stringify({ key: 'a-key-of-mine' }))
    await expect(check()).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.not.stringMatching(/of-mine/),
    })
  })

  it('has nothing to check where the exchange needs no key', async () => {
    await expect(daemonPlan.check?.(await described({ paper: { seed: 7 } }))).resolves.toBeUndefined()
  })
})
