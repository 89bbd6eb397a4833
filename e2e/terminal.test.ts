import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Bus,
  createLog,
  createMemoryBus,
  createMemoryJournal,
  createVirtualClock,
  flow,
  type OperatorCommand,
  type VirtualClock,
} from '@barfinex/core'
import { createGateway, type Gateway, type GatewayOptions } from '@barfinex/provider/gateway'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser } from './browser.js'
import { layCable } from './cable.js'
import { type ScriptedDesk, scriptDesk } from './scripted-desk.js'

const startAt = Date.UTC(2026, 0, 5)
const token = 't'.repeat(43)

let terminalDirectory: string
let directory: string
let browser: Browser
let bus: Bus
let clock: VirtualClock
let desk: ScriptedDesk
let page: Page
let complaints: string[]
let foreign: string[]

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

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'barfinex-desk-'))
  bus = createMemoryBus()
  clock = createVirtualClock({ startAt })
  desk = scriptDesk(bus, clock)
  complaints = []
  foreign = []
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } })
  page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) foreign.push(request.url())
  })
})

afterEach(async () => {
  await page.context().close()
  for (const end of ends.splice(0)) await end()
  rmSync(directory, { recursive: true })
})

const ends: (() => unknown)[] = []
let origin = ''

async function open(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const tokenFile = join(directory, 'tokens.json')
  writeFileSync(tokenFile, JSON.stringify({ tokens: [{ name: 'ops', token, scopes: ['trade'] }] }), { mode: 0o600 })
  const log = createLog({ write: () => {} })
  const journal = createMemoryJournal()
  bus.tap((envelope, channel) => journal.append(envelope, channel))
  const parts = { bus, clock, journal, log, epoch: 1, heartbeatMs: 5_000, mode: 'paper', account: 'paper' } as const
  const gateway = createGateway(parts, { tokenFile, terminalDirectory, ...options })
  ends.push(() => gateway.stop())
  await gateway.start()
  origin = gateway.url
  return gateway
}

/** Signs in and waits for the first live picture. */
async function enter(gateway: Gateway, ticket: Parameters<Gateway['ticketUrl']>[0] = {}, via = origin): Promise<void> {
  origin = via
  await page.goto(gateway.ticketUrl(ticket).replace(gateway.url, via))
  await page.locator('.status.live').waitFor()
}

const panel = (name: string) => page.getByRole('region', { name, exact: true })

/** Keeps a picture for people where somebody asked for pictures. */
async function picture(name: string): Promise<void> {
  const folder = process.env['BARFINEX_SCREENSHOTS']
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

describe('the terminal', () => {
  it('shows a desk from market to position, and asks nobody else for anything', async () => {
    const gateway = await open()
    await desk.begin(240)
    desk.enter('BTC/USDT')
    await enter(gateway)

    expect(page.url()).toBe(`${gateway.url}/`)
    await page.locator('.funnel .approved b', { hasText: /[1-9]/ }).waitFor()
    await page.locator('.legend', { hasText: /O\s*4\d,\d{3}\.\d/ }).waitFor()
    expect(await page.locator('.chart canvas').count()).toBeGreaterThan(3)

    const signal = panel('Signals').locator('details.row').first()
    await signal.locator('summary').click()
    await signal.getByRole('row', { name: /trend-up/ }).waitFor()
    await signal.getByText(/of 4$/).waitFor()

    const rejected = panel('Decisions').locator('details.row', { hasText: '✕' }).first()
    await rejected.locator('summary').click()
    expect(await rejected.locator('.stages > li').count()).toBe(8)
    await rejected.getByText('advisor.validation.reward-risk').waitFor()
    await rejected.locator('.against', { hasText: 'observed 1.12 limit 1.2' }).waitFor()

    const denied = panel('Verdicts').locator('details.row', { hasText: 'denied' }).first()
    await denied.locator('summary').click()
    expect(await denied.locator('.reasons > li').count()).toBe(2)
    await denied.locator('.against', { hasText: 'observed 1260 limit 1000' }).waitFor()

    await panel('Positions')
      .getByRole('row', { name: /BTC\/USDT long .* covered/ })
      .waitFor()
    await panel('Orders').locator('.row.working', { hasText: 'stop' }).first().waitFor()
    await page.getByRole('button', { name: 'Fills', exact: true }).click()
    await panel('Fills')
      .getByRole('row', { name: /BTC\/USDT entry buy 0\.02/ })
      .first()
      .waitFor()
    for (const service of ['provider', 'detector', 'advisor', 'inspector', 'studio']) {
      await panel('Services').locator('li', { hasText: service }).locator('.badge.ready').waitFor()
    }
    await panel('Incidents and acts').getByText('A gap of 14 updates').waitFor()
    await picture('desk')
    expect(complaints).toEqual([])
    expect(foreign).toEqual([])
  })

  it('follows what happens, in every timeframe, and shows a naked position as such', async () => {
    const gateway = await open()
    await desk.begin(60)
    desk.enter('ETH/USDT')
    await enter(gateway)
    await page.getByRole('combobox', { name: 'Symbol' }).selectOption('ETH/USDT')
    await page.getByRole('button', { name: '15m', exact: true }).click()
    await page.locator('.legend', { hasText: /O\s*2,\d{3}\.\d\d/ }).waitFor()
    await page.getByRole('button', { name: '1m', exact: true }).click()
    await page.locator('.market-time', { hasText: '2026-01-05 01:00:00' }).waitFor()
    desk.strip('ETH/USDT')
    await panel('Positions').locator('.badge.naked').waitFor()
    await desk.step()
    await page.locator('.market-time', { hasText: '2026-01-05 01:01:00' }).waitFor()
    await panel('Positions').locator('.badge.naked', { hasText: 'naked 1m' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('says what it waits for while nothing has happened', async () => {
    await enter(await open())
    for (const text of [
      'Waiting for Provider to name its instruments.',
      'Waiting for a strategy to judge its first closed candle.',
      'No order yet: the first approved intent becomes one.',
    ]) {
      await page.getByText(text).waitFor()
    }
    expect(complaints).toEqual([])
  })

  it('explains by id', async () => {
    const gateway = await open()
    await desk.begin(120)
    await enter(gateway)
    const decision = panel('Decisions').locator('details.row').first()
    await decision.locator('summary').click()
    await decision.locator('button.why').first().click()
    const trail = page.getByRole('dialog', { name: 'Why' })
    await trail.locator('li.cause', { hasText: 'detector.signal' }).waitFor()
    await trail.locator('li.asked', { hasText: 'advisor.decision' }).waitFor()
    await page.keyboard.press('Escape')
    await trail.waitFor({ state: 'detached' })
    await page.keyboard.press('/')
    await page.keyboard.type('no-such-id')
    await page.keyboard.press('Enter')
    await trail.getByText('The journal knows nothing of this id.').waitFor()
  })

  it('shows text from outside as text', async () => {
    const gateway = await open()
    await desk.begin(2)
    const hostile = '<img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script>'
    desk.raise(hostile)
    await enter(gateway)
    await panel('Incidents and acts').getByText(hostile).waitFor()
    expect(await page.evaluate(() => (globalThis as { hit?: number }).hit)).toBeUndefined()
    expect(await page.locator('.incidents img, .incidents script').count()).toBe(0)
    expect(complaints).toEqual([])
  })
})

describe('signing in', () => {
  it('takes a ticket once', async () => {
    const gateway = await open()
    const url = gateway.ticketUrl()
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
    const gateway = await open()
    await desk.begin(2)
    await enter(gateway, { scopes: ['read'] })
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
  it('shows its effect, wants a reason and the word, and becomes a command', async () => {
    const given: OperatorCommand[] = []
    bus.subscribe(flow.operatorCommand, ({ payload }) => void given.push(payload))
    const gateway = await open()
    await desk.begin(30)
    desk.enter('BTC/USDT')
    await enter(gateway)
    await page.getByRole('button', { name: 'Kill' }).click()
    const dialog = page.getByRole('dialog', { name: 'Kill switch' })
    await dialog.getByText('Trading state: active → halted.').waitFor()
    await dialog.getByText('Leaves long 0.02 BTC/USDT.').waitFor()
    const confirm = dialog.getByRole('button', { name: 'Kill switch' })
    expect(await confirm.isDisabled()).toBe(true)
    await dialog.getByLabel('Reason, for the journal').fill('the market is mad')
    expect(await confirm.isDisabled()).toBe(true)
    await dialog.getByLabel('Type KILL to confirm').fill('kill')
    await picture('kill')
    await confirm.click()
    await dialog.waitFor({ state: 'detached' })
    expect(given).toMatchObject([{ type: 'kill', account: 'paper', why: 'the market is mad', by: 'ticket' }])
    await page.locator('.last-command', { hasText: 'kill by ticket' }).waitFor()
    expect(complaints).toEqual([])
  })
})

describe('a lost connection', () => {
  it('turns the picture stale, and live again without a reload', async () => {
    const line = await layCable()
    ends.push(() => line.close())
    const gateway = await open({ hosts: [`127.0.0.1:${line.port}`] })
    line.to(Number(new URL(gateway.url).port))
    await desk.begin(30)
    await enter(gateway, {}, `http://127.0.0.1:${line.port}`)
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
    await desk.step()
    line.plug(true)
    await page.locator('.status.live').waitFor()
    await page.locator('.market-time', { hasText: '2026-01-05 00:31:00' }).waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })
})
