import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createSystemClock } from './system-clock.js'

describe('system clock', () => {
  it('runs tasks that are due together in the order of scheduling, none of them early', async () => {
    const clock = createSystemClock()
    const at = clock.now() + 20
    const ran: number[] = []
    const early: number[] = []
    await new Promise<void>((resolve) => {
      clock.schedule(at + 5, resolve)
      for (let index = 0; index < 50; index += 1) {
        clock.schedule(at - (index % 2), () => {
          ran.push(index)
          if (clock.now() < at - (index % 2)) early.push(index)
        })
      }
    })
    const odd = Array.from({ length: 25 }, (_, index) => index * 2 + 1)
    const even = odd.map((index) => index - 1)
    expect(ran).toEqual([...odd, ...even])
    expect(early).toEqual([])
  })

  it('runs what is scheduled for the past as soon as possible, after what is due', async () => {
    const clock = createSystemClock()
    const ran: string[] = []
    await new Promise<void>((resolve) => {
      clock.schedule(clock.now() - 1_000, () => {
        ran.push('first')
        clock.schedule(0, () => {
          ran.push('third')
          resolve()
        })
      })
      clock.schedule(clock.now() - 2_000, () => void ran.push('second'))
    })
    expect(ran).toEqual(['first', 'second', 'third'])
  })

  it('repeats until it is canceled, and runs nothing that was taken back', async () => {
    const clock = createSystemClock()
    let turns = 0
    const cancelLost = clock.schedule(clock.now() + 2, () => {
      turns = 1_000
    })
    cancelLost()
    await new Promise<void>((resolve) => {
      const cancel = clock.every(1, () => {
        turns += 1
        if (turns < 3) return
        cancel()
        clock.schedule(clock.now() + 5, resolve)
      })
    })
    expect(turns).toBe(3)
  })

  it('never goes back, counts wall time and holds nothing up', async () => {
    const start = Date.now()
    const clock = createSystemClock()
    const before = clock.now()
    expect(before).toBeGreaterThanOrEqual(start)
    expect(before).toBeLessThanOrEqual(Date.now())
    expect(clock.wallMicros()).toBeLessThanOrEqual(clock.wallMicros())
    expect(await clock.hold(Promise.resolve(7))).toBe(7)
    expect(clock.now()).toBeGreaterThanOrEqual(before)
  })

  it('keeps the process alive while a task waits, and lets it end when none does', async () => {
    const clockFile = fileURLToPath(new URL('./system-clock.ts', import.meta.url))
    const program = `
      const { createSystemClock } = await import(${JSON.stringify(clockFile)})
      const clock = createSystemClock()
      const cancelNever = clock.every(3_600_000, () => {})
      clock.schedule(clock.now() + 30, () => { process.stdout.write('ran'); cancelNever() })`
    const args = ['--import', 'tsx', '--input-type=module', '-e', program]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 })
    expect(stdout).toBe('ran')
  })
})
