import { expect, it } from 'vitest'
import { createMemoryBus } from '../bus/memory-bus.js'
import { createLog } from '../runtime/log.js'
import { watchBus } from './bus-watch.js'

it('says once that the bus is away, and once that it is back, with how long it was away', () => {
  const lines: string[] = []
  const log = createLog({ level: 'debug', write: (line) => lines.push(line) })
  const sound = createMemoryBus().health()
  let connected = true
  let now = 1_000
  const look = watchBus({ health: () => ({ ...sound, connected }) }, log, () => now)
  look()
  expect(lines).toEqual([])
  connected = false
  for (; now < 5_000; now += 200) look()
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/Redis is away/)
  connected = true
  for (; now < 6_000; now += 200) look()
  expect(lines).toHaveLength(2)
  expect(lines[1]).toMatch(/Redis is back.*4000/)
})
