import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  approvalText,
  BarfinexError,
  type Bus,
  createLog,
  createMemoryBus,
  createMemoryJournal,
  createProcessAuthority,
  createVirtualClock,
  flow,
  type Incident,
  type OperatorCommand,
  type Order,
  type OrderCommand,
  type OrderEvent,
  silentLog,
  studioTopics,
  subjectHashOf,
  TopicFold,
} from '@barfinex/core'
import { createGateway, type Gateway, type GatewayOptions } from '@barfinex/provider/gateway'
import { connectStudio, type Studio, type StudioOptions, type StudioStatus } from '@barfinex/studio-client'
import { defaultDesk, provider } from 'barfinex'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Cable, layCable } from './cable.js'

const at = Date.UTC(2026, 0, 5, 12)
const token = 't'.repeat(43)

let directory: string
let bus: Bus
let ends: (() => unknown)[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'barfinex-studio-'))
  bus = createMemoryBus()
  ends = []
})

afterEach(async () => {
  for (const end of ends.reverse()) await end()
  rmSync(directory, { recursive: true })
})

async function open(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const tokenFile = join(directory, 'tokens.json')
  writeFileSync(tokenFile, JSON.stringify({ tokens: [{ name: 'ops', token, scopes: ['trade'] }] }), { mode: 0o600 })
  const clock = createVirtualClock({ startAt: at })
  const log = createLog({ write: () => {} })
  const journal = createMemoryJournal()
  const desk = { bus, clock, journal, log, epoch: 1, heartbeatMs: 5_000, mode: 'paper', account: 'paper' } as const
  const gateway = createGateway(desk, { tokenFile, flushMs: 20, ...options })
  ends.push(() => gateway.stop())
  await gateway.start()
  return gateway
}

function follow(options: StudioOptions): Studio {
  const studio = connectStudio(options)
  ends.push(() => studio.close())
  return studio
}

/** The first value that is wanted, of now or later. */
function first<Value>(
  values$: { subscribe(observer: (value: Value) => void): { unsubscribe(): void } },
  isWanted: (value: Value) => boolean,
): Promise<Value> {
  return new Promise((resolve) => {
    let isFound = false
    let subscription: { unsubscribe(): void } | undefined
    subscription = values$.subscribe((value) => {
      if (isFound || !isWanted(value)) return
      isFound = true
      resolve(value)
      subscription?.unsubscribe()
    })
    if (isFound) subscription?.unsubscribe()
  })
}

async function lay(): Promise<Cable> {
  const line = await layCable()
  ends.push(() => line.close())
  return line
}

const until = (studio: Studio, state: StudioStatus['state']) => first(studio.status$, (it) => it.state === state)

const incident = (id: string): Incident => ({
  incidentId: id,
  severity: 'info',
  reason: { code: 'a.b', message: 'm' },
  symbol: null,
  raisedAt: at,
})
const raise = (id: string) => bus.publisher(flow.incident, 'test').publish(incident(id), { occurredAt: at })
const sees = (studio: Studio, id: string) => first(studio.incidents$, (it) => it.incidentId === id)

describe('a client of a desk', () => {
  it('sees what was there, then what comes', async () => {
    const gateway = await open()
    raise('before')
    const studio = follow({ url: gateway.url, token })
    await studio.ready()
    expect(studio.view().incidents.map((it) => it.incidentId)).toEqual(['before'])
    expect(studio.status()).toMatchObject({ state: 'live', desk: { name: 'ops', scopes: ['trade'], mode: 'paper' } })
    const coming = sees(studio, 'after')
    raise('after')
    expect(await coming).toEqual(incident('after'))
    expect(studio.view().at).toBe(at)
  })

  it('comes in by a ticket', async () => {
    const gateway = await open()
    const ticket = gateway.ticketUrl({ scopes: ['read'] }).split('#ticket=')[1] ?? ''
    const studio = follow({ url: gateway.url, ticket })
    await studio.ready()
    expect(studio.status().desk?.scopes).toEqual(['read'])
    await expect(studio.halt('no')).rejects.toSatisfy((error) => BarfinexError.is(error, 'gateway.forbidden'))
    await expect(follow({ url: gateway.url, ticket }).ready()).rejects.toSatisfy((error) =>
      BarfinexError.is(error, 'gateway.unauthorized'),
    )
  })

  it('is told when it is not wanted, and does not try again', async () => {
    const gateway = await open()
    const studio = follow({ url: gateway.url, token: 'wrong'.repeat(9) })
    await expect(studio.ready()).rejects.toSatisfy((error) => BarfinexError.is(error, 'gateway.unauthorized'))
    expect(studio.status().state).toBe('refused')
  })

  it('ends with its abort signal, completing everything', async () => {
    const gateway = await open()
    const abort = new AbortController()
    const studio = follow({ url: gateway.url, token, abortSignal: abort.signal })
    await studio.ready()
    let completed = 0
    const complete = () => {
      completed += 1
    }
    studio.status$.subscribe({ complete })
    studio.view$.subscribe({ complete })
    studio.fills$.subscribe({ complete })
    abort.abort()
    expect(completed).toBe(3)
    expect(studio.status()).toMatchObject({ state: 'closed', code: 'studio.aborted' })
  })
})

describe('a lost connection', () => {
  it('never loses or doubles anything, wherever it is cut', async () => {
    const line = await lay()
    const gateway = await open({ hosts: [`127.0.0.1:${line.port}`], flushMs: 16 })
    line.to(Number(new URL(gateway.url).port))
    const all: Incident[] = []
    let serial = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 4 }), async (bursts) => {
        const studio = connectStudio({ url: `http://127.0.0.1:${line.port}`, token, topics: ['incidents'] })
        await studio.ready()
        const told: string[] = []
        let isPast = true
        studio.incidents$.subscribe((it) => isPast || told.push(it.incidentId))
        isPast = false
        const fresh: string[] = []
        for (const [index, count] of bursts.entries()) {
          for (let step = 0; step < count; step += 1) {
            const id = `i-${serial++}`
            all.push(incident(id))
            fresh.push(id)
            raise(id)
          }
          if (index < bursts.length - 1) {
            const lost = until(studio, 'resuming')
            line.cut()
            await lost
          }
        }
        const id = `end-${serial++}`
        all.push(incident(id))
        fresh.push(id)
        const last = sees(studio, id)
        raise(id)
        await last
        studio.close()
        const whole = new TopicFold(studioTopics.incidents)
        for (const it of all) whole.apply(it)
        expect(studio.view().incidents).toEqual(whole.list())
        // No burst is longer than what is kept, so each was told, once and in order.
        expect(told).toEqual(fresh)
      }),
      { numRuns: 6 },
    )
  })

  it('gets a new snapshot from a gateway that started again', async () => {
    const line = await lay()
    const hosts = [`127.0.0.1:${line.port}`]
    const first = await open({ hosts })
    line.to(Number(new URL(first.url).port))
    raise('one')
    const studio = follow({ url: `http://127.0.0.1:${line.port}`, token })
    await studio.ready()
    const lost = until(studio, 'resuming')
    await first.stop()
    await lost
    raise('two')
    const second = await open({ hosts })
    line.to(Number(new URL(second.url).port))
    await sees(studio, 'two')
    expect(studio.view().incidents.map((it) => it.incidentId)).toEqual(['one', 'two'])
    expect(studio.status().state).toBe('live')
  })

  it('says stale when the gateway goes silent, and live when it is heard again', async () => {
    const line = await lay()
    const gateway = await open({ hosts: [`127.0.0.1:${line.port}`] })
    line.to(Number(new URL(gateway.url).port))
    const studio = follow({ url: `http://127.0.0.1:${line.port}`, token })
    await studio.ready()
    line.hold(true)
    expect(await until(studio, 'stale')).toMatchObject({ code: 'studio.silent' })
    line.hold(false)
    await until(studio, 'live')
  })
})

describe('an act', () => {
  it('becomes a command, and one only, also when the reply is lost', async () => {
    const line = await lay()
    const gateway = await open({ hosts: [`127.0.0.1:${line.port}`] })
    line.to(Number(new URL(gateway.url).port))
    const given: OperatorCommand[] = []
    const studio = follow({ url: `http://127.0.0.1:${line.port}`, token })
    await studio.ready()
    bus.subscribe(flow.operatorCommand, ({ payload }) => void given.push(payload))
    line.swallow = true
    const receipt = await studio.closePosition('BTC/USDT', 'too wild')
    expect(receipt).toMatchObject({ repeated: true, commandId: given[0]?.commandId })
    expect(given).toHaveLength(1)
    expect(given[0]).toMatchObject({ type: 'closePosition', symbol: 'BTC/USDT', why: 'too wild', by: 'ops' })
    expect((await studio.resume('calm again')).repeated).toBe(false)
    expect(given.map((it) => it.type)).toEqual(['closePosition', 'resume'])
  })
})

describe('the one road for orders, over HTTP', () => {
  it('refuses what Inspector has not sealed for exactly this once, and takes what it has', async () => {
    const key = new Uint8Array(32).fill(7)
    const clock = createVirtualClock({ startAt: Date.UTC(2024, 0, 1) })
    const tokenFile = join(directory, 'tokens.json')
    writeFileSync(tokenFile, JSON.stringify({ tokens: [{ name: 'ops', token, scopes: ['paper'] }] }), { mode: 0o600 })
    const commands: OrderCommand[] = []
    const events: OrderEvent[] = []
    bus.subscribe(flow.orderCommand, ({ payload }) => void commands.push(payload))
    bus.subscribe(flow.orderEvent, ({ payload }) => void events.push(payload))
    const desk = await defaultDesk({ exchange: provider.paper({ seed: 7 }), gateway: { tokenFile } }).start({
      bus,
      clock,
      seed: 7,
      log: silentLog,
      approvals: createProcessAuthority(key),
    })
    ends.push(() => desk.stop())
    const held = () => desk.provider.account().positions.find((it) => it.side !== 'flat')
    while (held() === undefined) await clock.advanceBy(600_000)
    const genuine = commands.find((it) => it.type === 'submit') as Extract<OrderCommand, { type: 'submit' }>
    const studio = follow({ url: desk.provider.url ?? '', token, topics: ['orders', 'incidents'] })
    await studio.ready()

    const sent = () => new Set(events.filter((it) => it.state === 'submitted').map((it) => it.clientOrderId)).size
    const before = sent()
    const order = (clientOrderId: string) => ({ ...genuine.order, clientOrderId })
    const bare = { ...genuine, approval: undefined } as unknown as OrderCommand
    await expect(studio.submit(bare)).rejects.toSatisfy((error) => BarfinexError.is(error, 'gateway.bad-request'))
    await studio.submit({ ...genuine, order: { ...genuine.order, quantity: '999' } })
    await studio.submit({ ...genuine, order: order('another') })
    await studio.submit(genuine)
    await first(studio.view$, ({ incidents }) => {
      const codes = incidents.map((it) => it.reason.code)
      return codes.filter((it) => it === 'order.seal.wrong-order').length === 2 && codes.includes('order.seal.reused')
    })
    expect(sent()).toBe(before)
    // A forgery is an incident and no order: its id stays free for the one that is sealed.
    expect(events.filter((it) => it.clientOrderId === 'another')).toEqual([])

    // The same key, as an Inspector elsewhere would hold it: leave what is held.
    const position = held()
    const exit: Order = {
      ...genuine.order,
      clientOrderId: 'leave-by-http',
      symbol: position?.symbol ?? '',
      side: position?.side === 'long' ? 'sell' : 'buy',
      type: 'market',
      quantity: position?.quantity ?? '',
      limitPrice: null,
      timeInForce: 'ioc',
      reduceOnly: true,
      purpose: 'exit',
    }
    const sealer = createProcessAuthority(key).claimSealer()
    const seal = {
      account: 'paper',
      epoch: genuine.approval.epoch,
      clientOrderId: exit.clientOrderId,
      subjectHash: subjectHashOf({ action: 'submit', order: exit }),
      expiresAt: clock.now() + 60_000,
      nonce: 'nonce-by-http',
      keyId: sealer.keyId,
    }
    const approval = { ...seal, signature: sealer.seal(approvalText(seal)) }
    await studio.submit({ type: 'submit', commandId: 'c', account: 'paper', order: exit, approval })
    await clock.advanceBy(60_000)
    expect(events.filter((it) => it.clientOrderId === exit.clientOrderId).at(-1)?.state).toBe('filled')
  })
})
