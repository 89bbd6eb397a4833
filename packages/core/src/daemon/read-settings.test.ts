import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { DaemonPlan } from './daemon-plan.js'
import { readSettings } from './read-settings.js'

const directory = mkdtempSync(join(tmpdir(), 'barfinex-settings-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const plan: DaemonPlan = {
  service: 'inspector',
  help: '',
  options: z.strictObject({ size: z.number().optional() }),
  approvals: 'none',
  isPerAccount: true,
  read: (given) => ({ ...given, wasRead: true }),
  create: () => {
    throw new Error('not made here')
  },
}

const daemon = {
  redis: { url: 'redis://inspector@127.0.0.1:6379' },
  account: 'paper',
  journal: { directory: 'journal' },
}

function config(content: unknown, name = 'inspector.config.json'): string {
  const path = join(directory, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const read = (content: unknown, environment: Readonly<Record<string, string>> = {}, name?: string) =>
  readSettings(plan, config(content, name), (variable) => environment[variable])

describe('the configuration of a daemon', () => {
  it('comes from JSON with defaults, and the environment is put over it', async () => {
    const settings = await read({ daemon, size: 1 }, { BARFINEX_SIZE: '3', BARFINEX_DAEMON_REDIS_NAMESPACE: 'other' })
    expect(settings).toMatchObject({
      account: 'paper',
      options: { size: 3, wasRead: true },
      daemon: { redis: { namespace: 'other' }, journal: { directory: 'journal', fsync: 'always' }, heartbeatMs: 2_000 },
      redisUrl: 'redis://inspector@127.0.0.1:6379',
      secrets: [],
    })
  })

  it('comes from a TypeScript or JavaScript module, too', async () => {
    const text = `const size: number = 5\nexport default { daemon: ${JSON.stringify(daemon)}, size }\n`
    expect((await read(text, {}, 'a.config.ts')).options).toEqual({ size: 5, wasRead: true })
    expect((await read(text.replace(': number', ''), {}, 'b.config.mjs')).options).toEqual({ size: 5, wasRead: true })
  })

  it('takes the password from the environment or a private file, never shows it and keeps it out of the log', async () => {
    const secret = 'pa$s/word@'
    const file = join(directory, 'redis.password')
    writeFileSync(file, `${secret}\n`)
    chmodSync(file, 0o600)
    for (const settings of [
      await read({ daemon }, { BARFINEX_REDIS_PASSWORD: secret }),
      await read({ daemon: { ...daemon, redis: { ...daemon.redis, passwordFile: file } } }),
    ]) {
      expect(new URL(settings.redisUrl).password).toBe(encodeURIComponent(secret))
      expect(settings.secrets).toContain(secret)
    }
    chmodSync(file, 0o644)
    await expect(read({ daemon: { ...daemon, redis: { ...daemon.redis, passwordFile: file } } })).rejects.toMatchObject(
      {
        code: 'config.invalid',
      },
    )
  })

  it.each([
    [
      'there is no file',
      () => readSettings(plan, join(directory, 'none.json'), () => undefined),
      'config.not-found',
      /--config/,
    ],
    ['it is no JSON', () => read('{'), 'config.invalid', /not JSON/],
    ['it is a list', () => read([]), 'config.invalid', /no configuration/],
    ['a module throws', () => read('throw new Error("boom")', {}, 'c.config.mjs'), 'config.invalid', /boom/],
    ['the part daemon is missing', () => read({ size: 1 }), 'config.invalid', /no part "daemon"/],
    [
      'a key is misspelt',
      () => read({ daemon: { ...daemon, jurnal: {} } }),
      'options.invalid',
      /did you mean "journal"/,
    ],
    [
      'the account is missing',
      () => read({ daemon: { ...daemon, account: undefined } }),
      'config.invalid',
      /daemon\.account/,
    ],
    [
      'the probe is for others',
      () => read({ daemon: { ...daemon, probe: { host: '0.0.0.0', port: 1 } } }),
      'options.invalid',
      /loopback/,
    ],
  ])('is refused with what to do when %s', async (_, act, code, message) => {
    await expect(act()).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})
