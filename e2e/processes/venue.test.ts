import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
let child: ChildProcess | null = null
afterEach(() => {
  child?.kill('SIGKILL')
})

interface Printed {
  readonly url: string
  readonly apiKey: string
  readonly control: { readonly url: string; readonly token: string }
}

test('`barfinex venue` opens, does all that its guide says, and closes when asked', async () => {
  child = spawn(process.execPath, ['--import', 'tsx', 'packages/barfinex/src/bin.ts', 'venue', '--json'], { cwd: root })
  const { stdout } = child
  if (stdout === null) throw new Error('no standard output')
  const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string]
  const { url, control } = JSON.parse(line) as Printed
  const price = async () => (await fetch(`${url}/api/v3/ticker/price?symbol=BTCUSDT`)).json()
  expect(await price()).toHaveProperty('price')

  const guide = readFileSync(join(root, 'docs/guides/venue.md'), 'utf8')
  const acts = [...guide.matchAll(/^control (GET|POST|DELETE) (\/\S+)(?: '(.*)')?$/gm)]
  expect(acts.length).toBeGreaterThan(8)
  for (const [act, method = '', path = '', body] of acts) {
    const response = await fetch(`${control.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${control.token}` },
      ...(body === undefined ? {} : { body }),
    })
    expect([act, response.status]).toEqual([act, 200])
  }
  expect(await price()).toMatchObject({ price: expect.stringMatching(/^39/) })

  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})
