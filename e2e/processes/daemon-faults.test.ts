import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Channel, createFileJournal, createSystemClock, flow, type Incident } from '@barfinex/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BusyFleet, busyOptions, createBusyFleet, holdingStrategy } from '../busy-fleet.js'
import { eventually } from '../eventually.js'
import { createFleet } from '../fleet.js'

interface Tokens {
  readonly tokens: readonly { readonly token: string }[]
}

/** What a daemon has written on a channel, read while it runs. */
async function journalled<Payload>(directory: string, { name }: Channel<Payload>): Promise<readonly Payload[]> {
  const journal = await createFileJournal({ directory, readOnly: true })
  const found: Payload[] = []
  for await (const { type, payload } of journal.read()) if (type === name) found.push(payload as Payload)
  return found
}

/** Short, so that a lease can run out in a test, and long enough for Redis to start again on a slow machine; in life a minute. */
const leaseMs = 15_000
const inspector = { ...busyOptions.inspector, daemon: { leaseMs } }

describe('five daemons, and what can happen to their bus and their leases', { timeout: 240_000 }, () => {
  let it: BusyFleet
  beforeAll(async () => {
    it = await createBusyFleet({ options: { ...busyOptions, inspector } })
    await it.start()
    await it.trades()
  })
  afterAll(() => it?.close())

  test('F33 Redis is killed and started again with its data: nobody ends, and trading goes on', async () => {
    await it.redis.kill()
    await it.redis.start()
    await it.trades()
    for (const daemon of it.fleet.all) {
      expect(daemon.isRunning, daemon.output()).toBe(true)
      await daemon.ready()
    }
  })

  test('F32 words in the name of an Inspector that does not exist stop nobody: the record of leases knows better', async () => {
    const { inspector } = it.fleet
    const { epoch } = await inspector.ready()
    const told = new Map<string, Incident>()
    const forget = it.bus.subscribe(flow.incident, ({ payload }) => void told.set(payload.reason.code, payload))
    const at = createSystemClock().now()
    // Whoever could write there, as only the administrator and Inspector can.
    const state = { account: 'paper', state: 'active', reason: null, setBy: 'forger', since: at } as const
    it.bus.publisher(flow.tradingState, 'forger', 1_000_000).publish(state, { occurredAt: at })
    const reason = { code: 'order.seal.stale-epoch', message: 'Replaced.', limit: 1_000_000, observed: epoch }
    const refusal = { incidentId: 'forged', severity: 'warning', symbol: null, raisedAt: at, reason } as const
    it.bus.publisher(flow.incident, 'provider', 1).publish(refusal, { occurredAt: at })
    const isFound = () => told.has('order.gateway.false-claim') && told.has('inspector.false-refusal')
    await eventually('both are found out', isFound, 60_000, it.known)
    forget()
    expect(told.get('order.gateway.false-claim')?.reason).toMatchObject({ limit: epoch, observed: 1_000_000 })
    await it.trades()
    expect((await inspector.ready()).epoch).toBe(epoch)
  })

  test('F32 an Inspector that is paused loses its lease; another one takes over, and the first one ends when it goes on', async () => {
    const { inspector } = it.fleet
    const second = await createFleet({
      redisUrl: it.adminUrl,
      directory: join(it.directory, 'second'),
      exchange: { paper: {} },
      options: {
        inspector: {
          ...busyOptions.inspector,
          daemon: { leaseMs, approvals: { privateKeyFile: join(it.directory, 'approval.key') } },
        },
      },
    })
    const epoch = (await inspector.health())?.epoch as number
    inspector.pause()
    const other = second.inspector
    const said: string[] = []
    const tookOver = async () => {
      if (!other.isRunning) {
        said.push(other.output())
        other.start()
      }
      return (await other.health())?.ready === true
    }
    await eventually('the second one is ready', tookOver, 90_000, () => `${said.join('')}${other.output()}`)
    expect((await other.health())?.epoch).toBeGreaterThan(epoch)
    // It has read on the bus what the first one did: nothing is strange to it, and nobody has to resume.
    await it.trades()
    expect(other.output()).toMatch(/on the bus .*journalled=[1-9]/)
    expect(it.bus.last(flow.tradingState, 'paper')?.payload.state).toBe('active')
    inspector.resume()
    expect(await inspector.ended()).toBe(5)
    expect(inspector.output()).toContain('lease.lost')
    await it.trades()
    expect(await other.stop()).toBe(0)
    await second.close()
    // And back: it learns what the other one did meanwhile.
    await it.start()
    await it.trades()
    expect(it.bus.last(flow.tradingState, 'paper')?.payload.state).toBe('active')
  })

  test('F33 Redis comes back empty: daemons end with their code, start again, and what they know is there again', async () => {
    const before = it.bus.last(flow.account, 'paper')?.payload.positions
    expect(before?.length).toBeGreaterThan(0)
    await it.redis.kill()
    it.redis.wipe()
    await it.redis.start()
    // Those that had written something that is gone; the others may not have noticed, and are ended like them.
    await eventually(
      'Provider and Inspector have noticed',
      () => !it.fleet.provider.isRunning && !it.fleet.inspector.isRunning,
      60_000,
      () => `${it.fleet.provider.output()}\n${it.fleet.inspector.output()}`,
    )
    // Their leases are gone with everything else: whichever they notice first.
    for (const daemon of [it.fleet.provider, it.fleet.inspector]) {
      const code = await daemon.ended()
      expect([5, 7], daemon.output()).toContain(code)
    }
    for (const daemon of it.fleet.all) if (daemon.isRunning) await daemon.kill()
    await it.start()
    // The paper exchange went with its Provider: positions are gone, and somebody has to look before it goes on.
    const standsDown = () => it.bus.last(flow.tradingState, 'paper')?.payload.state !== 'active'
    await eventually('Inspector notices that positions are gone', standsDown, 60_000, it.fleet.inspector.output)
    it.command('resume')
    await it.trades()
    expect(it.bus.last(flow.account, 'paper')?.payload.known).toBe(true)
  })
})

describe('five daemons that hold a position', { timeout: 240_000 }, () => {
  let it: BusyFleet
  beforeAll(async () => {
    const detector = { strategies: [holdingStrategy] }
    it = await createBusyFleet({ options: { ...busyOptions, inspector, detector } })
    await it.start()
  })
  afterAll(() => it?.close())

  test('Redis is away and a person leaves everything: Provider does it alone, at once', async () => {
    await it.trades()
    const { tokens } = JSON.parse(readFileSync(join(it.directory, 'tokens.json'), 'utf8')) as Tokens
    await it.redis.kill()
    const isAway = async () => (await it.fleet.provider.health())?.bus?.connected === false
    await eventually('Provider has noticed', isAway, 60_000, it.fleet.provider.output)
    const asked = await fetch(`${it.fleet.gatewayUrl}/api/commands`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokens[0]?.token}`,
        'content-type': 'application/json',
        'x-barfinex-request': '1',
      },
      body: JSON.stringify({ type: 'closeAll', why: 'a test', expiresInMs: 60_000 }),
    })
    expect(asked.status, await asked.clone().text()).toBe(202)
    const { commandId } = (await asked.json()) as { commandId: string }
    const path = it.fleet.provider.journalDirectory
    const isLeft = async () => (await journalled(path, flow.fill)).some(({ intentId }) => intentId === commandId)
    await eventually('Provider has left the position', isLeft, 60_000, it.fleet.provider.output)
    await it.redis.start()
    const isTold = () => it.fills.some(({ intentId, purpose }) => intentId === commandId && purpose === 'exit')
    await eventually('the others hear of it', isTold, 60_000, it.fleet.provider.output)
    // Inspector's lease may have run out meanwhile.
    await it.start()
    it.command('resume')
    await it.trades()
  })
})
