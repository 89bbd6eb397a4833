import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BarfinexError, type Journal } from '@barfinex/core'
import { describe, expect, test } from 'vitest'
import { survivesOnSockets } from './run-sockets.js'
import type { SocketWorld } from './socket-world.js'

/** A disk under a journal that fails from a moment on. What is written then is lost. */
function failingDisk() {
  const fault = new BarfinexError('journal.write-failed', 'The journal could not be written: ENOSPC.')
  const disk = { isFull: false, isLate: false }
  const journal = (inner: Journal): Journal => ({
    ...inner,
    append(envelope, channel) {
      if (!disk.isFull) inner.append(envelope, channel)
    },
    flush: () => (disk.isFull ? Promise.reject(fault) : inner.flush()),
    hash: () => inner.hash(),
    read: () => inner.read(),
    get fault() {
      // A failed fsync shows only to who waits for it.
      return disk.isFull && !disk.isLate ? fault : inner.fault
    },
    get count() {
      return inner.count
    },
  })
  return { disk, journal }
}

/** The beginning of a record of 300 bytes: the power went while it was written. */
const tornRecord = Buffer.alloc(60, '{"id":"')
tornRecord.writeUInt32LE(300, 0)
tornRecord.writeUInt32LE(~300 >>> 0, 4)

function newestSegment({ journalDirectory }: SocketWorld): string {
  const names = readdirSync(journalDirectory).filter((it) => /\d/.test(it) && !it.endsWith('.lock'))
  return join(journalDirectory, names.sort().at(-1) ?? '')
}

/** The process ends, something happens to its journal, and it starts again. */
async function restart(world: SocketWorld, meanwhile: () => void | Promise<void>): Promise<void> {
  const from = world.clock.now()
  await world.life().kill()
  await meanwhile()
  await world.pass(500)
  await world.boot()
  world.outages.push({ from, to: world.clock.now() })
}

describe('a journal that fails, over real sockets', () => {
  for (const [name, isLate] of [
    ['disk full', false],
    ['fsync fails', true],
  ] as const) {
    test(`F37 ${name}: nothing is opened any more, and a start on a mended disk finds everything`, async () => {
      const { disk, journal } = failingDisk()
      await survivesOnSockets(`F37 ${name}`, {
        journal,
        nakedMs: 5_000,
        lastsMs: 30_000,
        async strike(world) {
          disk.isLate = isLate
          await world.pass(10_000)
          disk.isFull = true
          const failedAt = world.clock.now()
          await world.pass(30_000)
          // What was on its way when the disk failed may still arrive.
          const late = world.truth().orders.filter((it) => it.side === 'BUY' && it.placedAt > failedAt + 200)
          expect(late.map((it) => it.clientOrderId)).toEqual([])
          await restart(world, () => {
            disk.isFull = false
          })
          world.outages.push({ from: failedAt, to: world.clock.now() })
        },
      })
    })
  }

  test('F37 the last record is torn: cut off, told, and the account is the venue’s', async () => {
    await survivesOnSockets('F37 torn', {
      lastsMs: 30_000,
      async strike(world) {
        await world.pass(10_000)
        await restart(world, () => appendFileSync(newestSegment(world), tornRecord))
        expect(world.life().journal.repair.tornBytes).toBe(tornRecord.length)
      },
    })
  })

  test('F37 a bit is flipped: nothing starts on it, and everything does once it is mended', async () => {
    await survivesOnSockets('F37 flipped bit', {
      lastsMs: 30_000,
      async strike(world) {
        await world.pass(10_000)
        const random = world.random.fork('strike')
        await restart(world, async () => {
          const path = newestSegment(world)
          const whole = readFileSync(path)
          for (let count = 0; count < 3; count += 1) {
            const damaged = Buffer.from(whole)
            const at = Math.floor(whole.length / 8) + random.integer(Math.floor(whole.length / 2))
            damaged[at] = (damaged[at] ?? 0) ^ (1 << random.integer(8))
            writeFileSync(path, damaged)
            await expect(world.boot(), `bit in byte ${at}`).rejects.toMatchObject({ code: 'journal.damaged' })
          }
          writeFileSync(path, whole)
        })
      },
    })
  })
})
