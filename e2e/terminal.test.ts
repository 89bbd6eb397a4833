import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMemoryJournal } from '@barfinex/core'
import { createGateway } from '@barfinex/provider/gateway'
import {
  type Bus,
  createMemoryBus,
  createVirtualClock,
  type DeskServices,
  defaultDesk,
  flow,
  type OperatorCommand,
  type Protection,
  provider,
  type Started,
  silentLog,
  type Tally,
  tally,
  type VirtualClock,
} from 'barfinex'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser } from './browser.js'
import { layCable } from './cable.js'

const startAt = Date.UTC(2024, 0, 1)
const minute = 60_000
const token = 't'.repeat(43)

let terminalDirectory: string
let browser: Browser

beforeAll(async () => {
  terminalDirectory = mkdtempSync(join(tmpdir(), 'barfinex-terminal-'))
  const configFile = fileURLToPath(new URL('../packages/studio-client/vite.config.ts', import.meta.url))
  await build({ configFile, logLevel: 'error', build: { outDir: terminalDirectory } })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  rmSync(terminalDirectory, { recursive: true })
})

let directory: string
let bus: Bus
let clock: VirtualClock
let page: Page
/** Errors and warnings of the page, violations of its policy among them. */
let complaints: string[]
let requests: string[]
let ends: (() => unknown)[]

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'barfinex-desk-'))
  bus = createMemoryBus()
  clock = createVirtualClock({ startAt })
  complaints = []
  requests = []
  ends = []
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } })
  page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => requests.push(request.url()))
})

afterEach(async () => {
  await page.context().close()
  for (const end of ends.reverse()) await end()
  rmSync(directory, { recursive: true })
})

function gatewayOptions(hosts: readonly string[] = []): provider.GatewayOptions {
  const tokenFile = join(directory, 'tokens.json')
  writeFileSync(tokenFile, JSON.stringify({ tokens: [{ name: 'ops', token, scopes: ['trade'] }] }), { mode: 0o600 })
  return { tokenFile, terminalDirectory, hosts: [...hosts] }
}

/** The desk of `barfinex up` on the paper exchange, on a clock that moves when a test says so. */
async function startDesk(hosts: readonly string[] = []): Promise<{ desk: Started<DeskServices>; read: () => Tally }> {
  const counted = tally(bus)
  const described = defaultDesk({ exchange: provider.paper({ seed: 7 }), gateway: gatewayOptions(hosts) })
  const desk = await described.start({ bus, clock, seed: 7, heartbeatMs: minute, log: silentLog })
  ends.push(
    () => desk.stop(),
    () => counted.stop(),
  )
  return { desk, read: counted.read }
}

/** Lets the market go on until something is so. */
async function runUntil(isSo: () => boolean): Promise<void> {
  for (let step = 0; step < 288; step += 1) {
    if (isSo()) return
    await clock.advanceBy(10 * minute)
  }
  throw new Error('Two days of market have not brought it about.')
}

async function signIn(desk: Started<DeskServices>, ticket: provider.TicketOptions = {}): Promise<void> {
  await page.goto(desk.provider.ticketUrl(ticket) ?? '')
  await page.locator('.status.live').waitFor()
}

const panel = (name: string) => page.getByRole('region', { name, exact: true })
const marketTime = (at: number) =>
  page.locator('.market-time', { hasText: new Date(at).toISOString().slice(0, 19).replace('T', ' ') })

/** Keeps a picture for people where somebody asked for pictures. */
async function picture(name: string): Promise<void> {
  const folder = process.env['BARFINEX_SCREENSHOTS']
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

describe('the terminal', () => {
  it('shows a running desk from market to position, and asks nobody else for anything', async () => {
    const { desk, read } = await startDesk()
    const protections = new Map<string, Protection>()
    bus.subscribe(flow.protection, ({ payload }) => void protections.set(payload.symbol, payload))
    let rejected = 0
    bus.subscribe(flow.decision, ({ payload }) => {
      if (payload.outcome === 'rejected') rejected += 1
    })
    await runUntil(
      () => read().denied > 0 && rejected > 0 && [...protections.values()].some((it) => it.status === 'covered'),
    )
    await signIn(desk)

    const { origin } = new URL(page.url())
    expect(page.url()).toBe(`${origin}/`)
    await marketTime(clock.now()).waitFor()
    const counts = read()
    for (const [stage, count] of [
      ['trades', counts.trades],
      ['evaluations', counts.evaluations],
      ['signals', counts.signals],
      ['decisions', counts.decisions],
      ['intents', counts.intents],
      ['approved', counts.approved],
      ['denied', counts.denied],
      ['fills', counts.fills],
    ] as const) {
      expect([stage, await page.locator(`.funnel .${stage} b`).textContent()]).toEqual([
        stage,
        count.toLocaleString('en-US'),
      ])
    }
    await page.locator('.legend', { hasText: /O\s*[\d,]+\.\d.*V/ }).waitFor()
    expect(await page.locator('.chart canvas').count()).toBeGreaterThan(3)

    const signal = panel('Signals').locator('details.row').first()
    await signal.locator('summary').click()
    expect(await signal.locator('.rules tbody tr.fired').count()).toBeGreaterThan(0)

    const decision = panel('Decisions').locator('details.row', { hasText: '✕' }).first()
    await decision.locator('summary').click()
    expect(await decision.locator('.stages > li').count()).toBe(8)
    expect(await decision.locator('.stages > li.rejected .reasons code').count()).toBeGreaterThan(0)
    expect(await decision.locator('.stages tbody tr').count()).toBeGreaterThan(8)

    const denied = panel('Verdicts').locator('details.row', { hasText: 'denied' }).first()
    await denied.locator('summary').click()
    expect(await denied.locator('.reasons code').first().textContent()).toMatch(/^inspector\./)

    await panel('Positions').locator('.badge.cover.covered').first().waitFor()
    await panel('Orders').locator('.row.working', { hasText: 'stop' }).first().waitFor()
    await page.getByRole('button', { name: 'Fills', exact: true }).click()
    expect(await panel('Fills').locator('tbody tr').count()).toBe(counts.fills)
    for (const service of ['provider', 'detector', 'advisor', 'inspector', 'studio']) {
      await panel('Services').locator('li', { hasText: service }).locator('.badge.ready').waitFor()
    }
    await picture('desk')
    expect(complaints).toEqual([])
    expect(requests.filter((it) => !it.startsWith(origin))).toEqual([])
  })

  it('follows the market, in every timeframe, and shows a naked position as such', async () => {
    const { desk } = await startDesk()
    await runUntil(() => desk.provider.account().positions.some((it) => it.side !== 'flat'))
    await signIn(desk)
    await marketTime(clock.now()).waitFor()
    const held = desk.provider.account().positions.find((it) => it.side !== 'flat')
    const symbol = held?.symbol ?? ''
    await page.getByRole('combobox', { name: 'Symbol' }).selectOption(symbol)
    for (const timeframe of ['15m', '1m'] as const) {
      await page.getByRole('button', { name: timeframe, exact: true }).click()
      const { candles } = await desk.provider.candles({ symbol, timeframe, until: clock.now(), limit: 1, cursor: null })
      const open = candles[0]?.open.toLocaleString('en-US', { maximumFractionDigits: 0 }) ?? ''
      await page.locator('.legend', { hasText: open.slice(0, -2) }).waitFor()
    }
    await clock.advanceBy(5 * minute)
    await marketTime(clock.now()).waitFor()

    bus.publisher(flow.protection, 'test').publish(
      {
        account: 'paper',
        symbol,
        status: 'naked',
        positionQuantity: held?.quantity ?? '0',
        coveredQuantity: '0',
        stopPrice: null,
        targetPrice: null,
        stopOrderId: null,
        targetOrderId: null,
        nakedSince: clock.now() - 90_000,
        longestNakedMs: 90_000,
        asOf: clock.now(),
      },
      { occurredAt: clock.now() },
    )
    await panel('Positions').locator('.badge.naked', { hasText: 'naked 1m 30s' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('says what it waits for while nothing has happened', async () => {
    const parts = { bus, clock, journal: createMemoryJournal(), log: silentLog, epoch: 1, heartbeatMs: minute } as const
    const gateway = createGateway({ ...parts, mode: 'paper', account: 'paper' }, gatewayOptions())
    ends.push(() => gateway.stop())
    await gateway.start()
    await page.goto(gateway.ticketUrl())
    for (const text of [
      'Waiting for Provider to name its instruments.',
      'Waiting for a strategy to judge its first closed candle.',
      'Waiting for the advisor to take a signal through its eight stages.',
      'No order yet: the first approved intent becomes one.',
    ]) {
      await page.getByText(text).waitFor()
    }
    expect(complaints).toEqual([])
  })

  it('explains by id', async () => {
    const { desk, read } = await startDesk()
    await runUntil(() => read().decisions > 0)
    await signIn(desk)
    const decision = panel('Decisions').locator('details.row').first()
    await decision.locator('summary').click()
    await decision.locator('button.why').first().click()
    const trail = page.getByRole('dialog', { name: 'Why' })
    await trail.locator('li.cause', { hasText: 'detector.signal' }).waitFor()
    await trail.locator('li.asked', { hasText: 'advisor.decision' }).waitFor()
    await picture('why')
    await page.keyboard.press('Escape')
    await trail.waitFor({ state: 'detached' })
    await page.keyboard.press('/')
    await page.keyboard.type('no-such-id')
    await page.keyboard.press('Enter')
    await trail.getByText('The journal knows nothing of this id.').waitFor()
  })

  it('shows text from outside as text', async () => {
    const { desk } = await startDesk()
    const message = '<img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script>'
    bus.publisher(flow.incident, 'test').publish(
      {
        incidentId: 'incident-1',
        severity: 'critical',
        reason: { code: 'market.hostile', message },
        symbol: null,
        raisedAt: startAt,
      },
      { occurredAt: startAt },
    )
    await signIn(desk)
    await panel('Incidents and acts').getByText(message).waitFor()
    expect(await page.evaluate('globalThis.hit')).toBeUndefined()
    expect(await page.locator('.incidents img, .incidents script').count()).toBe(0)
    expect(complaints).toEqual([])
  })
})

describe('signing in', () => {
  it('takes a ticket once, and keeps the tab signed in', async () => {
    const { desk } = await startDesk()
    const url = desk.provider.ticketUrl() ?? ''
    await page.goto(url)
    await page.locator('.status.live').waitFor()
    await page.reload()
    await page.locator('.status.live').waitFor()
    const other = await (await browser.newContext()).newPage()
    await other.goto(url)
    await other.getByText('This ticket was used or has run out.').waitFor()
    await other.context().close()
  })

  it('lets a reader look, and act only with a token that may', async () => {
    const { desk } = await startDesk()
    await signIn(desk, { scopes: ['read'] })
    expect(await page.getByRole('button', { name: 'Kill' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Unlock trading' }).click()
    await page.getByLabel('Token').fill('x'.repeat(43))
    await page.getByRole('button', { name: 'Unlock', exact: true }).click()
    await page.getByText('This credential is not valid').waitFor()
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Unlock', exact: true }).click()
    await page.getByRole('button', { name: 'Kill' }).waitFor()
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain(token)
  })
})

describe('an act', () => {
  it('shows its effect, wants a reason and the word, and the desk obeys', async () => {
    const given: OperatorCommand[] = []
    bus.subscribe(flow.operatorCommand, ({ payload }) => void given.push(payload))
    const { desk } = await startDesk()
    await runUntil(() => desk.provider.account().positions.some((it) => it.side !== 'flat'))
    await signIn(desk)
    await page.getByRole('button', { name: 'Close all' }).click()
    const dialog = page.getByRole('dialog', { name: 'Close all positions' })
    await dialog
      .getByText(/^Leaves (long|short) /)
      .first()
      .waitFor()
    const confirm = dialog.getByRole('button', { name: 'Close all positions' })
    expect(await confirm.isDisabled()).toBe(true)
    await dialog.getByLabel('Reason, for the journal').fill('the market is mad')
    expect(await confirm.isDisabled()).toBe(true)
    await dialog.getByLabel('Type CLOSE ALL to confirm').fill('close all')
    await picture('close-all')
    await confirm.click()
    await dialog.waitFor({ state: 'detached' })
    expect(given).toMatchObject([{ type: 'closeAll', account: 'paper', why: 'the market is mad', by: 'ticket' }])
    await clock.advanceBy(2 * minute)
    await panel('Positions').getByText('Flat: no open position.').waitFor()

    await page.getByRole('button', { name: 'Kill' }).click()
    const kill = page.getByRole('dialog', { name: 'Kill switch' })
    await kill.getByText(/^Trading state: \w+ → halted\.$/).waitFor()
    await kill.getByLabel('Reason, for the journal').fill('enough')
    await kill.getByLabel('Type KILL to confirm').fill('kill')
    await kill.getByRole('button', { name: 'Kill switch' }).click()
    await page.locator('.trading-state.halted').waitFor()
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    await picture('halted')
    expect(complaints).toEqual([])
  })
})

describe('a lost connection', () => {
  it('turns the picture stale, and live again without a reload', async () => {
    const line = await layCable()
    ends.push(() => line.close())
    const { desk } = await startDesk([`127.0.0.1:${line.port}`])
    const { origin, port } = new URL(desk.provider.url ?? '')
    line.to(Number(port))
    await page.goto((desk.provider.ticketUrl() ?? '').replace(origin, `http://127.0.0.1:${line.port}`))
    await page.locator('.status.live').waitFor()
    line.hold(true)
    await page.getByRole('alert').getByText('Stale').waitFor()
    line.hold(false)
    await page.locator('.status.live').waitFor()
    line.plug(false)
    line.cut()
    await page
      .getByRole('alert')
      .getByText(/What is shown is .* old/)
      .waitFor()
    await picture('stale')
    await clock.advanceBy(31 * minute)
    line.plug(true)
    await page.locator('.status.live').waitFor()
    await marketTime(clock.now()).waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })
})
