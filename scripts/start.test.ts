import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createKeyPressFilter } from './foreground.mjs'
import { root } from './workspace.js'

/** Counts one kind of signal; another kind ends it with code 7. */
const COUNTER = `
let count = 0
process.on('SIGINT', () => console.log('SIGINT ' + ++count))
process.on('SIGTERM', () => process.exit(7))
setInterval(() => {}, 1000)
console.log('ready')
`

function startScript(source: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
}

/** Collects what a process prints, and tells when a text has come. */
function listen(child: ChildProcess): { until(text: string): Promise<void>; all(): string } {
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  return {
    async until(text) {
      while (!output.includes(text)) await once(child.stdout ?? child, 'data')
    },
    all: () => output,
  }
}

it('passes a signal of the terminal on exactly once, and the exit code back', async () => {
  const source = `
    import { runInForeground } from './scripts/foreground.mjs'
    runInForeground(process.execPath, ['--eval', ${JSON.stringify(COUNTER)}], process.cwd())
  `
  const script = startScript(source)
  const heard = listen(script)
  await heard.until('ready')
  // To the whole group, as a terminal does it.
  process.kill(-(script.pid ?? Number.NaN), 'SIGINT')
  await heard.until('SIGINT 1')
  script.kill('SIGTERM')
  await once(script, 'close')
  expect(script.exitCode).toBe(7)
  expect(heard.all()).toBe('ready\nSIGINT 1\n')
})

it('takes two signals of one kind at nearly one time for one key press', () => {
  let now = 0
  const isNew = createKeyPressFilter(() => now)
  const at = (instant: number, signal: string): boolean => {
    now = instant
    return isNew(signal)
  }
  expect([at(0, 'SIGINT'), at(20, 'SIGINT'), at(30, 'SIGTERM'), at(600, 'SIGINT')]).toEqual([true, false, true, true])
})

it('refuses a Node that is too old, and says what to do', () => {
  const check = (version: string): ReturnType<typeof spawnSync> =>
    spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', `(await import('./scripts/install.mjs')).checkNode('${version}')`],
      {
        cwd: join(root),
        encoding: 'utf8',
      },
    )
  expect(check('20.19.0').status).toBe(0)
  expect(check('22.1.0').status).toBe(0)
  const old = check('20.18.3')
  expect(old.status).toBe(1)
  expect(old.stderr).toContain('needs Node >=20.19; this is Node 20.18.3')
})
