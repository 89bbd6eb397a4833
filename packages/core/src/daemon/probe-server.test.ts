import { afterEach, describe, expect, it } from 'vitest'
import { type DaemonHealth, openProbe, type Probe } from './probe-server.js'

const well: DaemonHealth = {
  service: 'inspector',
  instance: 'main',
  epoch: 3,
  phase: 'running',
  status: { state: 'ready', code: 'service.ready', message: 'Judging.' },
  ready: true,
  reasons: [],
  bus: { connected: true, queued: 0, dropped: 0, deadLetters: 0 },
  journalCount: 12,
}

describe('the probes of a daemon', () => {
  let probe: Probe
  afterEach(() => probe.close())

  it('answers three questions, and changes nothing', async () => {
    let health: DaemonHealth = well
    probe = await openProbe('127.0.0.1', 0, () => health)
    const ask = (path: string, init?: RequestInit) => fetch(`${probe.url}${path}`, init)
    expect((await ask('/live')).status).toBe(200)
    expect((await ask('/ready')).status).toBe(200)
    expect(await (await ask('/health')).json()).toEqual(well)
    health = { ...well, ready: false, reasons: [{ code: 'bus.unavailable', message: 'The bus is not connected.' }] }
    expect((await ask('/live')).status).toBe(200)
    const unready = await ask('/ready')
    expect(unready.status).toBe(503)
    expect(await unready.json()).toEqual({ ready: false, reasons: health.reasons })
    expect((await ask('/health')).status).toBe(200)
    expect((await ask('/ready', { method: 'POST' })).status).toBe(405)
    expect((await ask('/')).status).toBe(404)
    await expect(openProbe('127.0.0.1', Number(new URL(probe.url).port), () => well)).rejects.toMatchObject({
      code: 'config.invalid',
    })
  })
})
