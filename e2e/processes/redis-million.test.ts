import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BarfinexError, createRandom, flow, silentLog } from '@barfinex/core'
import { createRedisBus } from '@barfinex/core/redis'
import { anIntent, newYear, type RedisServer, startRedisServer, testRuns } from '@barfinex/core/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const isLong = testRuns(1) > 1
const commandCount = isLong ? 1_000_000 : 5_000
const killCount = isLong ? 40 : 4
/** A line of the effects: the command's number in eight digits. */
const lineLength = 9

/**
 * A service in a process of its own. Its state is a file of what it has done; what is in there it does not do again, which is the
 * whole of what a bus leaves to its readers.
 */
const consumer = `
import { openSync, readFileSync, writeSync } from 'node:fs'
import { flow, silentLog } from './packages/core/src/index.ts'
import { createRedisBus } from './packages/core/src/redis/index.ts'
const [url, file, count] = process.argv.slice(1)
const done = new Uint8Array(Number(count))
for (const line of readFileSync(file, 'utf8').split('\\n')) if (line !== '') done[Number(line)] = 1
const effects = openSync(file, 'a')
const bus = await createRedisBus({ url, member: 'consumer', log: silentLog, leaseMs: 600, commandTimeoutMs: 1_000 })
bus.subscribe(flow.intent, ({ payload }) => {
  const number = Number(payload.intentId)
  if (done[number] === 1) return
  done[number] = 1
  writeSync(effects, payload.intentId + '\\n')
}, { group: 'effects', from: 'earliest' })
`

let redis: RedisServer
let directory: string
beforeAll(async () => {
  redis = await startRedisServer({ appendOnly: 'always' })
  directory = mkdtempSync(join(tmpdir(), 'barfinex-million-'))
})
afterAll(async () => {
  await redis.close()
  rmSync(directory, { recursive: true, force: true })
})

test(`${commandCount} commands through kills of Redis and of their consumer have ${commandCount} effects`, async () => {
  const effects = join(directory, 'effects')
  writeFileSync(effects, '')
  const doneCount = () => statSync(effects).size / lineLength
  const random = createRandom('million')
  let said: ChildProcess | null = null
  const start = () => {
    const args = ['--import', 'tsx', '--input-type=module', '-e', consumer, redis.url, effects, String(commandCount)]
    said = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const kill = async () => {
    const dying = said as ChildProcess
    const gone = new Promise((resolve) => dying.once('exit', resolve))
    dying.kill('SIGKILL')
    await gone
  }
  start()
  const bus = await createRedisBus({ url: redis.url, member: 'writer', log: silentLog, patienceMs: 60_000 })
  const publisher = bus.publisher(flow.intent, 'advisor')
  const say = async (number: number): Promise<void> => {
    try {
      publisher.publish(anIntent({ intentId: String(number).padStart(8, '0') }), { occurredAt: newYear })
    } catch (error) {
      if (!BarfinexError.is(error) || !error.retryable) throw error
      await bus.flush()
      await say(number)
    }
  }
  const within = { timeout: 20 * 60_000, interval: 5 }
  let kills = 0
  for (let number = 0; number < commandCount; number += 1) {
    await say(number)
    if (number % 500 === 0) await bus.flush()
    if (number % Math.floor(commandCount / killCount) !== Math.floor(commandCount / killCount) - 1) continue
    kills += 1
    // In the middle of the consumer's work, at a place of chance.
    const from = doneCount()
    const more = Math.min(number + 1 - from, 1 + random.integer(200))
    await vi.waitFor(() => expect(doneCount() - from).toBeGreaterThanOrEqual(more), within)
    if (kills % 2 === 1) {
      await redis.kill()
      await redis.start()
    } else {
      await kill()
      start()
    }
  }
  await bus.flush()
  await vi.waitFor(() => expect(doneCount()).toBeGreaterThanOrEqual(commandCount), within)
  await kill()
  const lines = readFileSync(effects, 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(commandCount)
  expect(new Set(lines).size).toBe(commandCount)
  // One writer and one key: also in the order in which they were given.
  expect(lines).toEqual([...lines].sort())
  expect(kills).toBe(killCount)
  expect(bus.health().memoryLossCount).toBe(0)
  await bus.close()
})
