import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createApprovalKeys, type DaemonPlan, runDaemon } from '@barfinex/core/daemon'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { daemonPlan as advisor } from '../../packages/advisor/src/daemon-plan.js'
import { daemonPlan as detector } from '../../packages/detector/src/daemon-plan.js'
import { daemonPlan as inspector } from '../../packages/inspector/src/daemon-plan.js'
import { daemonPlan as provider } from '../../packages/provider/src/daemon-plan.js'
import { daemonPlan as studio } from '../../packages/studio-client/src/daemon-plan.js'

const examples = resolve(import.meta.dirname, '../../examples/daemons')
const plans: readonly DaemonPlan[] = [provider, detector, advisor, inspector, studio]

describe('examples/daemons', () => {
  const directory = mkdtempSync(join(tmpdir(), 'barfinex-examples-'))
  const variables = {
    BARFINEX_DAEMON_APPROVALS_PRIVATE_KEY_FILE: join(directory, 'approval.key'),
    BARFINEX_DAEMON_APPROVALS_PUBLIC_KEYS: join(directory, 'approval.pub'),
    BARFINEX_REDIS_PASSWORD: 'a-password-for-a-check',
  }
  beforeAll(() => {
    const { privateKeyPem, publicKeyPem } = createApprovalKeys()
    writeFileSync(variables.BARFINEX_DAEMON_APPROVALS_PRIVATE_KEY_FILE, privateKeyPem, { mode: 0o600 })
    writeFileSync(variables.BARFINEX_DAEMON_APPROVALS_PUBLIC_KEYS, publicKeyPem)
    Object.assign(process.env, variables)
  })
  afterAll(() => {
    for (const name of Object.keys(variables)) delete process.env[name]
    rmSync(directory, { recursive: true, force: true })
  })

  /** Calls a daemon as its bin does, in this process. */
  async function call(plan: DaemonPlan, ...args: string[]) {
    const out: string[] = []
    const err: string[] = []
    const exit = await runDaemon(plan, args, {
      machine: 'here',
      out: (line) => void out.push(line),
      err: (line) => void err.push(line),
      onStop: () => () => {},
      onFault: () => () => {},
      exit: () => {},
    })
    return { exit, out, err: err.join('\n') }
  }

  test.each(plans)('the configuration of $service will do', async (plan) => {
    const file = join(examples, `${plan.service}.config.json`)
    const { exit, out, err } = await call(plan, '--config', file, '--check', '--json')
    expect(exit, err).toBe(0)
    expect(out.map((line) => JSON.parse(line))).toEqual([{ service: plan.service, exit: 0 }])
    expect(err).toContain('the configuration will do')
  })

  test.each(plans)('$service says what it is and refuses a call it does not understand', async (plan) => {
    const help = await call(plan, '--help')
    expect(help).toMatchObject({ exit: 0, err: '' })
    expect(help.out[0]).toContain(`barfinex-${plan.service}`)
    expect((await call(plan, '--version')).out[0]).toMatch(/^\d+\.\d+\.\d+$/)
    expect(await call(plan)).toMatchObject({ exit: 2, err: expect.stringContaining('--config FILE') })
    const wrong = await call(plan, '--confg', 'x', '--json')
    expect(wrong).toMatchObject({ exit: 2, err: expect.stringContaining('options.invalid') })
    expect(JSON.parse(wrong.out.at(-1) as string)).toMatchObject({ exit: 2, error: { code: 'options.invalid' } })
  })

  test('a misspelt option and a policy nobody knows are refused before anything is opened', async () => {
    const content = JSON.parse(readFileSync(join(examples, 'inspector.config.json'), 'utf8')) as { policies: unknown[] }
    const file = join(directory, 'inspector.config.json')
    writeFileSync(file, JSON.stringify({ ...content, sizng: {} }))
    expect(await call(inspector, '--config', file, '--check')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('did you mean "sizing"'),
    })
    writeFileSync(file, JSON.stringify({ ...content, policies: [{ maxPositionNotionl: '1' }] }))
    expect(await call(inspector, '--config', file, '--check')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('maxPositionNotional'),
    })
    writeFileSync(
      file,
      JSON.stringify({ ...content, policies: [{ dailyLoss: { arguments: ['2%', { onBreach: 'closeAll' }] } }] }),
    )
    expect(await call(inspector, '--config', file, '--check')).toMatchObject({ exit: 0 })
  })

  test('without a key there is no start', async () => {
    const key = variables.BARFINEX_DAEMON_APPROVALS_PRIVATE_KEY_FILE
    const content = JSON.parse(readFileSync(join(examples, 'inspector.config.json'), 'utf8')) as { daemon: object }
    const file = join(directory, 'keyless.config.json')
    writeFileSync(file, JSON.stringify({ ...content, daemon: { ...content.daemon, approvals: {} } }))
    delete process.env['BARFINEX_DAEMON_APPROVALS_PRIVATE_KEY_FILE']
    try {
      expect(await call(inspector, '--config', file)).toMatchObject({
        exit: 2,
        err: expect.stringContaining('approval.key-missing'),
      })
    } finally {
      process.env['BARFINEX_DAEMON_APPROVALS_PRIVATE_KEY_FILE'] = key
    }
  })

  test('every file the README names is there', () => {
    const named = readFileSync(join(examples, 'README.md'), 'utf8').matchAll(/\]\(([^)#:]+)\)/g)
    const there = new Set(readdirSync(examples))
    for (const [, name = ''] of named) if (!name.startsWith('..')) expect(there).toContain(name.replace(/\/$/, ''))
  })
})
