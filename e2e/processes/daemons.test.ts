import { join } from 'node:path'
import { flow } from '@barfinex/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BusyFleet, createBusyFleet } from '../busy-fleet.js'
import { eventually } from '../eventually.js'
import { createFleet, type DaemonName } from '../fleet.js'

describe('five daemons on Redis', { timeout: 240_000 }, () => {
  let it: BusyFleet
  beforeAll(async () => {
    it = await createBusyFleet()
  })
  afterAll(() => it?.close())

  test('started in the wrong order they wait for each other, and then trade', async () => {
    let cause = ''
    it.bus.subscribe(flow.fill, (envelope) => {
      cause ||= envelope.correlationId
    })
    for (const daemon of [...it.fleet.all].reverse()) daemon.start()
    await Promise.all(it.fleet.all.map((daemon) => daemon.ready()))
    await it.trades()
    expect(cause).toMatch(/^market\.candle:BTC\/USDT@1s@/)
  })

  test('Studio hands the terminal and the questions on to Provider, and refuses strangers', async () => {
    const url = /studio url=(\S+)/.exec(it.fleet.studio.output())?.[1] as string
    expect(await (await fetch(url)).text()).toContain('<title>terminal</title>')
    expect((await fetch(`${url}/api/health`)).status).toBe(401)
    expect((await fetch(`${url}/api/health`, { headers: { origin: 'https://elsewhere.example' } })).status).toBe(403)
    expect((await fetch(`${url}/nothing`)).status).toBe(404)
  })

  test.each<{ names: readonly DaemonName[] }>([{ names: ['studio', 'detector', 'advisor'] }, { names: ['inspector'] }])(
    '$names: killed, and takes up where it stopped',
    async ({ names }) => {
      const killed = names.map((name) => it.fleet[name])
      const before = await Promise.all(killed.map(async (daemon) => (await daemon.health())?.epoch as number))
      await Promise.all(killed.map((daemon) => daemon.kill()))
      for (const daemon of killed) daemon.start()
      for (const [index, daemon] of killed.entries()) {
        expect((await daemon.ready()).epoch).toBeGreaterThan(before[index] as number)
      }
      await it.trades()
    },
  )

  test('Provider is killed: its paper exchange is gone, the ledger says so, and a person resumes', async () => {
    await it.fleet.provider.kill()
    await it.start()
    const standsDown = () => it.bus.last(flow.tradingState, 'paper')?.payload.state !== 'active'
    await eventually('Inspector notices that positions are gone', standsDown, 60_000, it.fleet.inspector.output)
    it.command('resume')
    await it.trades()
    expect(it.bus.last(flow.account, 'paper')?.payload.known).toBe(true)
  })

  test('a second Provider and a second Inspector on the account are refused; the first ones go on', async () => {
    const directory = join(it.directory, 'second')
    const second = await createFleet({ redisUrl: it.adminUrl, directory, exchange: { paper: {} } })
    const refused = [second.provider, second.inspector]
    for (const daemon of refused) daemon.start()
    for (const daemon of refused) {
      expect(await daemon.ended()).toBe(4)
      expect(daemon.output()).toContain('lease.taken')
    }
    await second.close()
    await Promise.all(it.fleet.all.map((daemon) => daemon.ready()))
  })

  test('none of them has asked Redis for more than its user may do', () => {
    for (const daemon of it.fleet.all) expect(daemon.output()).not.toMatch(/Redis does not let/)
  })

  test('asked to end they drain, one after the other, with exit code 0', async () => {
    for (const name of ['detector', 'advisor', 'inspector', 'provider', 'studio'] as const) {
      expect(await it.fleet[name].stop(), it.fleet[name].output()).toBe(0)
      const last = it.fleet[name].output().trimEnd().split('\n').at(-1)
      expect(JSON.parse(last as string)).toEqual({ service: name, exit: 0 })
    }
  })
})
