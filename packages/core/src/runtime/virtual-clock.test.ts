import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gate } from '../testing/bus-under-test.js'
import { testRuns } from '../testing/test-runs.js'
import { nextTurn } from './next-turn.js'
import { createVirtualClock } from './virtual-clock.js'

describe('virtual clock', () => {
  it('runs tasks by instant, and those of one instant in the order of scheduling', async () => {
    const clock = createVirtualClock({ startAt: 100 })
    const ran: string[] = []
    const task = (name: string) => () => void ran.push(`${name}@${clock.now()}`)
    clock.schedule(300, task('c'))
    clock.schedule(200, task('a'))
    clock.schedule(200, () => {
      task('b')()
      clock.schedule(200, task('after what is due now'))
      clock.schedule(50, task('past means now'))
    })
    clock.schedule(200, task('b2'))
    await clock.run()
    expect(ran).toEqual(['a@200', 'b@200', 'b2@200', 'after what is due now@200', 'past means now@200', 'c@300'])
    expect(clock.now()).toBe(300)
  })

  it('runs any plan in the order of instant and scheduling, and never goes back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(50), fc.array(fc.nat(50), { maxLength: 3 }))), async (plan) => {
        const clock = createVirtualClock()
        const ran: [at: number, order: number][] = []
        let order = 0
        const schedule = (at: number, children: readonly number[]) => {
          const own = order
          order += 1
          const due = Math.max(at, clock.now())
          clock.schedule(at, () => {
            expect(clock.now()).toBe(due)
            ran.push([due, own])
            for (const child of children) schedule(child, [])
          })
        }
        for (const [at, children] of plan) schedule(at, children)
        await clock.run()
        expect(ran).toHaveLength(order)
        expect(ran).toEqual([...ran].sort(([a, i], [b, j]) => a - b || i - j))
      }),
      { numRuns: testRuns(100) },
    )
  })

  it('stops at `until`, standing there, and goes on later', async () => {
    const clock = createVirtualClock()
    const ran: number[] = []
    for (const at of [10, 20, 30]) clock.schedule(at, () => void ran.push(at))
    await clock.advanceTo(20)
    expect([clock.now(), ran, clock.pendingCount]).toEqual([20, [10, 20], 1])
    await clock.advanceBy(5)
    expect(clock.now()).toBe(25)
    await clock.advanceTo(3)
    expect(clock.now()).toBe(25)
    await clock.run()
    expect([clock.now(), ran, clock.pendingCount]).toEqual([30, [10, 20, 30], 0])
  })

  it('forgets a task that is taken back, before and after it ran', async () => {
    const clock = createVirtualClock()
    const ran: string[] = []
    const cancelFar = clock.schedule(1_000_000, () => void ran.push('far'))
    const cancelNear = clock.schedule(10, () => {
      ran.push('near')
      cancelFar()
    })
    await clock.run()
    cancelNear()
    cancelFar()
    expect([ran, clock.now(), clock.pendingCount]).toEqual([['near'], 10, 0])
  })

  it('stands still while an effect is held, until what awaited it has run', async () => {
    const clock = createVirtualClock()
    const order: string[] = []
    const block = gate()
    const infer = async () => {
      await clock.hold(block.opened)
      return 0.6
    }
    const decide = async () => {
      const value = await infer().then((it) => it * 2)
      await Promise.resolve()
      order.push(`decided ${value} at ${clock.now()}`)
      clock.schedule(clock.now() + 1, () => void order.push(`acted at ${clock.now()}`))
    }
    clock.schedule(10, () => void decide())
    clock.schedule(10, () => void order.push(`next task at ${clock.now()}`))
    clock.schedule(12, () => void order.push(`tick at ${clock.now()}`))
    const running = clock.run()
    for (let turn = 0; turn < 5; turn += 1) await nextTurn()
    expect(order).toEqual([])
    block.open()
    await running
    expect(order).toEqual(['decided 1.2 at 10', 'next task at 10', 'acted at 11', 'tick at 12'])
  })

  it('waits for every held effect, also for one that fails', async () => {
    const clock = createVirtualClock()
    const gates = [gate(), gate()]
    const failing = clock.hold(gates[0]?.opened.then(() => Promise.reject(new Error('no answer'))) as Promise<void>)
    const caught = failing.catch((error: Error) => error.message)
    void clock.hold(gates[1]?.opened as Promise<void>)
    let ran = false
    clock.schedule(1, () => {
      ran = true
    })
    const running = clock.run()
    gates[0]?.open()
    expect(await caught).toBe('no answer')
    await nextTurn()
    expect(ran).toBe(false)
    gates[1]?.open()
    await running
    expect(ran).toBe(true)
  })

  it('asks its barriers before each step of time, until they are clear', async () => {
    const order: string[] = []
    let inFlight = 0
    const clock = createVirtualClock({
      beforeAdvance: () => {
        if (inFlight === 0) return undefined
        return nextTurn().then(() => {
          inFlight -= 1
          order.push(`left ${inFlight}`)
        })
      },
    })
    clock.schedule(1, () => {
      inFlight = 2
    })
    clock.schedule(2, () => void order.push('2'))
    let second = 0
    const remove = clock.addBarrier(() => {
      second += 1
      return undefined
    })
    await clock.run()
    expect(order).toEqual(['left 1', 'left 0', '2'])
    remove()
    const asked = second
    clock.schedule(3, () => {})
    await clock.run()
    expect(second).toBe(asked)
  })

  it('repeats on the grid, and a task that throws does not end it', async () => {
    const clock = createVirtualClock({ startAt: 1_000 })
    const ran: number[] = []
    const cancel = clock.every(300, () => {
      ran.push(clock.now())
      if (ran.length === 2) throw new Error('once')
      if (ran.length === 4) cancel()
    })
    await expect(clock.run()).rejects.toThrow('once')
    await clock.run()
    expect(ran).toEqual([1_300, 1_600, 1_900, 2_200])
    expect(clock.pendingCount).toBe(0)
    expect(() => clock.every(0, () => {})).toThrow(expect.objectContaining({ code: 'options.invalid' }))
  })

  it('ends a run with the error of a task, and keeps the rest', async () => {
    const clock = createVirtualClock()
    const ran: number[] = []
    clock.schedule(1, () => {
      throw new Error('impossible')
    })
    clock.schedule(2, () => void ran.push(2))
    await expect(clock.run()).rejects.toThrow('impossible')
    await clock.run()
    expect(ran).toEqual([2])
  })

  it('refuses a second run, an instant that is no number and a speed that is none', async () => {
    const clock = createVirtualClock()
    const block = gate()
    void clock.hold(block.opened)
    const running = clock.run()
    await expect(clock.advanceBy(1)).rejects.toMatchObject({ code: 'clock.running' })
    block.open()
    await running
    expect(() => clock.schedule(Number.NaN, () => {})).toThrow(expect.objectContaining({ code: 'options.invalid' }))
    await expect(clock.run({ speed: 0 })).rejects.toMatchObject({ code: 'options.invalid' })
  })

  it('ends when it is aborted: between tasks, while it paces, and while it stands still', async () => {
    const ending = new AbortController()
    const clock = createVirtualClock()
    let ran = 0
    clock.every(1, () => {
      ran += 1
      if (ran === 5) ending.abort()
    })
    await clock.run({ abortSignal: ending.signal })
    expect([ran, clock.now()]).toEqual([5, 5])

    const pacing = new AbortController()
    const running = clock.run({ speed: 0.000_001, abortSignal: pacing.signal })
    pacing.abort()
    await running
    expect(ran).toBe(5)

    const held = new AbortController()
    void clock.hold(new Promise(() => {}))
    const standing = clock.run({ abortSignal: held.signal })
    await nextTurn()
    held.abort()
    await standing
    expect(ran).toBe(5)
  })

  it('paces market time by the wall', async () => {
    const clock = createVirtualClock()
    const ran: [market: number, wallMs: number][] = []
    const start = clock.wallMicros()
    for (const at of [1_000, 2_000, 4_000]) {
      clock.schedule(at, () => void ran.push([clock.now(), (clock.wallMicros() - start) / 1_000]))
    }
    await clock.run({ until: 6_000, speed: 100 })
    expect(clock.now()).toBe(6_000)
    expect(ran.map(([market]) => market)).toEqual([1_000, 2_000, 4_000])
    // Not early: the machine may be late, but never ahead of its own clock.
    for (const [market, wallMs] of ran) expect(wallMs).toBeGreaterThanOrEqual(market / 100 - 0.01)
    expect((clock.wallMicros() - start) / 1_000).toBeGreaterThanOrEqual(60 - 0.01)
  })

  it('lets work from outside come in while it paces', async () => {
    const clock = createVirtualClock()
    const ran: string[] = []
    clock.schedule(60_000, () => void ran.push('far'))
    const ending = new AbortController()
    const running = clock.run({ speed: 1, abortSignal: ending.signal })
    clock.schedule(clock.now(), () => {
      ran.push('command')
      ending.abort()
    })
    await running
    expect(ran).toEqual(['command'])
    expect(clock.now()).toBeLessThan(60_000)
  })

  it('admits an act from outside when its instant is complete, however the effects of the instant end', async () => {
    const clock = createVirtualClock()
    const ran: string[] = []
    const model = gate()
    clock.schedule(1_000, () => {
      ran.push('signal')
      void clock.hold(model.opened).then(() => {
        ran.push('decision')
        clock.schedule(clock.now(), () => void ran.push('order'))
      })
    })
    clock.schedule(1_001, () => void ran.push('later'))
    const running = clock.run({ until: 2_000, speed: 1_000_000 })
    while (ran.length === 0) await nextTurn()
    clock.admit(() => void ran.push(`act at ${clock.now()}`))
    expect(ran).toEqual(['signal'])
    model.open()
    await running
    expect(ran).toEqual(['signal', 'decision', 'order', 'act at 1000', 'later'])
    clock.admit(() => void ran.push('at rest'))
    expect(ran.at(-1)).toBe('at rest')
  })

  it('does not lose an act to an aborted run', async () => {
    const clock = createVirtualClock()
    const ran: string[] = []
    const ending = new AbortController()
    clock.schedule(1_000, () => void clock.hold(new Promise(() => {})))
    const running = clock.run({ abortSignal: ending.signal })
    await nextTurn()
    clock.admit(() => void ran.push('act'))
    ending.abort()
    await running
    expect(ran).toEqual(['act'])
  })

  it('lets the event loop breathe in a long run', async () => {
    const clock = createVirtualClock()
    const ending = new AbortController()
    clock.every(1, () => {
      if (clock.now() > 50_000_000) throw new Error('nobody else ever got a turn')
    })
    const running = clock.run({ abortSignal: ending.signal })
    for (let turn = 0; turn < 3; turn += 1) await nextTurn()
    ending.abort()
    await running
    expect(clock.now()).toBeGreaterThan(0)
  })
})
