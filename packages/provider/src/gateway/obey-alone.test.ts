import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BarfinexError,
  type Bus,
  createMemoryBus,
  createMemoryJournal,
  createVirtualClock,
  silentLog,
} from '@barfinex/core'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { createGateway, type Gateway } from './index.js'

const token = 'a'.repeat(43)
const clock = createVirtualClock({ startAt: Date.UTC(2026, 0, 5, 12) })
const directory = mkdtempSync(join(tmpdir(), 'barfinex-gateway-'))
const tokenFile = join(directory, 'tokens.json')
writeFileSync(tokenFile, JSON.stringify({ tokens: [{ name: 'ann', token, scopes: ['admin'] }] }), { mode: 0o600 })

let gateway: Gateway | null = null
afterEach(() => gateway?.stop())
afterAll(() => rmSync(directory, { recursive: true }))

/** Presses the kill switch on this bus and waits a second; returns what Provider was told each time: that the bus is away, or not. */
async function pressOn(bus: Bus): Promise<readonly boolean[]> {
  const told: boolean[] = []
  const desk = {
    bus,
    clock,
    journal: createMemoryJournal(),
    log: silentLog,
    epoch: 1,
    heartbeatMs: 5_000,
    mode: 'live' as const,
    account: 'paper',
    obeyAlone: (_command: unknown, _cause: unknown, isAway: boolean) => void told.push(isAway),
  }
  gateway = createGateway(desk, { tokenFile })
  await gateway.start()
  await fetch(`${gateway.url}/api/commands`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-barfinex-request': '1',
    },
    body: JSON.stringify({ type: 'kill', why: 'a test' }),
  })
  await clock.advanceBy(1_000)
  return told
}

describe('a command of a person at the gateway', () => {
  const bus = createMemoryBus()

  it('is left to those who hear it once the bus has taken it', async () => {
    expect(await pressOn(bus)).toEqual([false])
  })

  it('is obeyed at once where the bus is away', async () => {
    expect(await pressOn({ ...bus, health: () => ({ ...bus.health(), connected: false }) })).toEqual([true])
  })

  it('is obeyed half a second later where the bus looks well and takes nothing', async () => {
    expect(await pressOn({ ...bus, flush: () => new Promise(() => {}) })).toEqual([false, true])
  })

  it('is obeyed where the bus refuses it', async () => {
    const flush = () => Promise.reject(new BarfinexError('bus.refused', 'Not this user.'))
    expect(await pressOn({ ...bus, flush })).toEqual([false, true])
  })
})
