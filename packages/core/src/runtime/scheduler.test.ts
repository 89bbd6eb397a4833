import {
  auditTime,
  bufferTime,
  concat,
  debounceTime,
  delay,
  EMPTY,
  interval,
  NEVER,
  observeOn,
  of,
  Subject,
  take,
  throttleTime,
  timeout,
  timer,
} from 'rxjs'
import { describe, expect, it } from 'vitest'
import { clockScheduler } from './scheduler.js'
import { createVirtualClock } from './virtual-clock.js'

function aDesk() {
  const clock = createVirtualClock({ startAt: 1_000 })
  const seen: string[] = []
  const see = (value: unknown) => void seen.push(`${String(value)}@${clock.now()}`)
  return { clock, scheduler: clockScheduler(clock), seen, see }
}

describe('clockScheduler', () => {
  it('makes interval and timer tick on the clock, and leaves nothing behind', async () => {
    const { clock, scheduler, seen, see } = aDesk()
    interval(100, scheduler).pipe(take(3)).subscribe(see)
    timer(150, 100, scheduler).pipe(take(2)).subscribe(see)
    await clock.run()
    expect(seen).toEqual(['0@1100', '0@1150', '1@1200', '1@1250', '2@1300'])
    expect(clock.pendingCount).toBe(0)
  })

  it('stops with the subscription', async () => {
    const { clock, scheduler, seen, see } = aDesk()
    const subscription = interval(100, scheduler).subscribe(see)
    clock.schedule(1_250, () => subscription.unsubscribe())
    await clock.advanceTo(5_000)
    expect(seen).toEqual(['0@1100', '1@1200'])
    expect(clock.pendingCount).toBe(0)
  })

  it('debounces, throttles, audits, delays and buffers by market time', async () => {
    const { clock, scheduler, see, seen } = aDesk()
    const source = new Subject<string>()
    source.pipe(debounceTime(50, scheduler)).subscribe((it) => see(`debounced ${it}`))
    source.pipe(throttleTime(100, scheduler)).subscribe((it) => see(`throttled ${it}`))
    source.pipe(auditTime(60, scheduler)).subscribe((it) => see(`audited ${it}`))
    source.pipe(delay(10, scheduler)).subscribe((it) => see(`delayed ${it}`))
    for (const [at, value] of [
      [1_010, 'a'],
      [1_030, 'b'],
      [1_200, 'c'],
    ] as const) {
      clock.schedule(at, () => source.next(value))
    }
    await clock.advanceTo(2_000)
    expect(seen).toEqual([
      'throttled a@1010',
      'delayed a@1020',
      'delayed b@1040',
      'audited b@1070',
      'debounced b@1080',
      'throttled c@1200',
      'delayed c@1210',
      'debounced c@1250',
      'audited c@1260',
    ])
  })

  it('buffers, times out and hands over on the clock', async () => {
    const { clock, scheduler, see, seen } = aDesk()
    interval(40, scheduler)
      .pipe(bufferTime(100, null, Number.POSITIVE_INFINITY, scheduler), take(2))
      .subscribe((it) => see(it.join('+')))
    concat(NEVER, EMPTY)
      .pipe(timeout({ first: 30, scheduler }))
      .subscribe({ error: () => see('timed out') })
    of('x').pipe(observeOn(scheduler, 5)).subscribe(see)
    await clock.advanceTo(3_000)
    expect(seen).toEqual(['x@1005', 'timed out@1030', '0+1@1100', '2+3@1200'])
    expect(clock.pendingCount).toBe(0)
  })

  it('lets the last request of a piece of work count', async () => {
    const { clock, scheduler, see } = aDesk()
    let runs = 0
    const subscription = scheduler.schedule(function () {
      runs += 1
      see(runs)
      if (runs > 2) return
      this.schedule(undefined, 500)
      this.schedule(undefined, 20)
    }, 10)
    await clock.run()
    expect(runs).toBe(3)
    expect(clock.now()).toBe(1_050)
    expect(subscription.closed).toBe(true)
    expect(scheduler.now()).toBe(1_050)
  })
})
