import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bus, createSystemClock, type Envelope, flow, silentLog } from '@barfinex/core'
import { createRedisBus } from '@barfinex/core/redis'
import { type RedisServer, startRedisServer } from '@barfinex/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './eventually.js'
import { createFleet, type Fleet } from './fleet.js'

/** Buys after every second that is past its pause: the more happens, the more can go wrong. */
const strategy = {
  id: 'busy',
  symbols: ['BTC/USDT'],
  inputs: { main: '1s' },
  rules: [
    { id: 'always', direction: 'long', weight: 1, when: { op: 'gt', of: [{ op: 'candle', source: 'close' }, 0] } },
  ],
  thresholds: { long: 1 },
  exits: {
    long: {
      stop: { op: 'multiply', of: [{ op: 'candle', source: 'close' }, 0.997] },
      target: { op: 'multiply', of: [{ op: 'candle', source: 'close' }, 1.003] },
    },
  },
  expiresAfterBars: 20,
  cooldownBars: 2,
}

/** Here it is daemons that are tested, not judgement. */
const openGates = {
  minQuality: 0,
  minScore: -1,
  minExpectedR: -1_000,
  minExpectedRLow: -1_000,
  minRewardToRisk: 0.01,
  maxSpreadOfStop: 1,
  minStopAtr: 0.01,
  maxStopAtr: 1_000,
  maxDriftAtr: 1_000,
  maxGapShare: 1,
}

describe('five daemons on Redis', () => {
  const directory = mkdtempSync(join(tmpdir(), 'barfinex-fleet-'))
  let redis: RedisServer
  let fleet: Fleet
  let bus: Bus
  const fills: Envelope[] = []
  const covered = new Set<string>()
  /** Why nothing happens, for when a test fails. */
  const refusals: string[] = []

  beforeAll(async () => {
    redis = await startRedisServer()
    fleet = await createFleet({
      redisUrl: redis.url,
      directory,
      exchange: { paper: { seed: 7, symbols: ['BTC/USDT'], ticksPerMinute: 200 } },
      options: {
        provider: { timeframes: ['1s'] },
        detector: { strategies: [strategy] },
        advisor: { timeframes: ['1s'], gates: openGates, model: { engine: 'typescript' } },
        inspector: {
          policies: [{ maxPositionNotional: '9000' }],
          sizing: { riskPerTrade: '0.1%', maxNotional: '3%' },
        },
      },
    })
    bus = await createRedisBus({ url: redis.url, namespace: 'fleet', member: 'observer', log: silentLog })
    bus.subscribe(flow.fill, (envelope) => void fills.push(envelope))
    bus.subscribe(flow.verdict, ({ payload }) => void refusals.push(payload.reasons.map((it) => it.message).join(' ')))
    bus.subscribe(flow.decision, ({ payload }) => void refusals.push(payload.reasons.map((it) => it.message).join(' ')))
    bus.subscribe(flow.protection, ({ payload }) => {
      if (payload.status === 'covered') covered.add(payload.symbol)
    })
  })

  afterAll(async () => {
    await fleet?.close()
    await bus?.close()
    await redis?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** A new entry is filled, and what is open is covered at the exchange. */
  async function trades(): Promise<void> {
    const before = fills.length
    covered.clear()
    const isTraded = () =>
      fills.slice(before).some(({ payload }) => (payload as { purpose: string }).purpose === 'entry')
    await eventually(
      'an entry is filled and covered',
      () => isTraded() && covered.size > 0,
      30_000,
      () => [...refusals.slice(-30), ...fleet.all.map((it) => it.output().slice(-2_000))].join('\n'),
    )
  }

  test('started in the wrong order they wait for each other, and then trade', async () => {
    for (const daemon of [...fleet.all].reverse()) daemon.start()
    await Promise.all(fleet.all.map((it) => it.ready()))
    await trades()
    const [fill] = fills
    expect(fill?.correlationId).toMatch(/^market\.candle:BTC\/USDT@1s@/)
  })

  test('Studio hands the terminal and the questions on to Provider, and refuses strangers', async () => {
    const url = /studio url=(\S+)/.exec(fleet.studio.output())?.[1] as string
    expect(await (await fetch(url)).text()).toContain('<title>terminal</title>')
    expect((await fetch(`${url}/api/health`)).status).toBe(401)
    expect((await fetch(`${url}/api/health`, { headers: { origin: 'https://elsewhere.example' } })).status).toBe(403)
    expect((await fetch(`${url}/nothing`)).status).toBe(404)
  })

  test.each([['studio', 'detector', 'advisor'], ['inspector']] as const)(
    '%s %s %s: killed, and takes up where it stopped',
    async (...names) => {
      const killed = names.map((name) => fleet[name])
      const before = await Promise.all(killed.map(async (it) => (await it.health())?.epoch as number))
      await Promise.all(killed.map((it) => it.kill()))
      for (const it of killed) it.start()
      for (const [index, it] of killed.entries()) {
        expect((await it.ready()).epoch).toBeGreaterThan(before[index] as number)
      }
      await trades()
    },
  )

  test('Provider is killed: its paper exchange is gone, the ledger says so, and a person resumes', async () => {
    await fleet.provider.kill()
    fleet.provider.start()
    await fleet.provider.ready()
    await Promise.all(fleet.all.map((it) => it.ready()))
    const standsDown = () => bus.last(flow.tradingState, 'paper')?.payload.state !== 'active'
    await eventually('Inspector has noticed that positions are gone', standsDown, 20_000, () =>
      fleet.inspector.output(),
    )
    const at = createSystemClock().now()
    const resume = { commandId: 'resume-1', type: 'resume', account: 'paper', by: 'tester', why: 'a test' } as const
    const nothing = { symbol: null, clientOrderId: null, strategyId: null }
    bus
      .publisher(flow.operatorCommand, 'studio')
      .publish({ ...resume, ...nothing, issuedAt: at, expiresAt: at + 60_000 }, { occurredAt: at })
    await trades()
    expect(bus.last(flow.account, 'paper')?.payload.known).toBe(true)
  })

  test('a second Provider and a second Inspector on the account are refused; the first ones go on', async () => {
    const second = await createFleet({
      redisUrl: redis.url,
      directory: join(directory, 'second'),
      exchange: { paper: {} },
    })
    const refused = [second.provider, second.inspector]
    for (const it of refused) it.start()
    for (const it of refused) {
      expect(await it.ended()).toBe(4)
      expect(it.output()).toContain('lease.taken')
    }
    await second.close()
    await Promise.all(fleet.all.map((it) => it.ready()))
  })

  test('asked to end they drain, one after the other, with exit code 0', async () => {
    for (const name of ['detector', 'advisor', 'inspector', 'provider', 'studio'] as const) {
      expect(await fleet[name].stop(), fleet[name].output()).toBe(0)
      const last = fleet[name].output().trimEnd().split('\n').at(-1)
      expect(JSON.parse(last as string)).toEqual({ service: name, exit: 0 })
    }
  })
})
