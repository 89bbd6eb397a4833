import { BarfinexError, type Journal } from '@barfinex/core'
import { describe, expect, test } from 'vitest'
import { between } from './fates.js'
import { survives } from './run-faults.js'

/** A disk under a journal that fails from a moment on: what is written then is lost, and said to be. */
class FailingDisk {
  private error: BarfinexError | null = null
  /** True when the failure shows only when the disk itself is waited for, as that of fsync does. */
  isLate = false

  fail(): void {
    this.error = new BarfinexError('journal.write-failed', 'The journal could not be written: ENOSPC.')
  }

  mend(): void {
    this.error = null
  }

  readonly journal = (journal: Journal): Journal => {
    const disk = this
    return {
      ...journal,
      append(envelope, channel) {
        if (disk.error === null) journal.append(envelope, channel)
      },
      flush() {
        if (disk.error !== null) return Promise.reject(disk.error)
        return disk.isLate ? Promise.resolve() : undefined
      },
      get fault() {
        return disk.isLate ? null : disk.error
      },
      get count() {
        return journal.count
      },
    }
  }
}

describe('a journal that cannot be written', () => {
  for (const [name, isLate] of [
    ['disk full', false],
    ['fsync fails', true],
  ] as const) {
    test(`F37 ${name}: nothing is opened any more, and a start on a mended disk finds everything`, async () => {
      const disk = new FailingDisk()
      await survives(`F37 ${name}`, {
        journal: disk.journal,
        strike: async (world) => {
          disk.isLate = isLate
          disk.mend()
          const own = world.random.fork('strike')
          await world.pass(between(own, 60_000, 180_000))
          disk.fail()
          const failedAt = world.clock.now()
          await world.pass(150_000)
          // What was on its way when the disk failed may still arrive.
          const late = [...world.venue.truth.orders.values()].filter((it) => it.takenAt > failedAt + 100)
          expect(late.filter(({ order }) => order.purpose === 'entry')).toEqual([])
          disk.mend()
          world.life().kill()
          await world.boot()
          world.outages.push({ from: failedAt, to: world.clock.now() })
        },
        lastsMs: 60_000,
      })
    })
  }
})
