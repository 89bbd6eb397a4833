import { describe, expect, it } from 'vitest'
import { createMemoryBus } from '../bus/memory-bus.js'
import { flow } from '../flow/map.js'
import { createVirtualClock } from '../runtime/virtual-clock.js'
import { newYear } from '../testing/given-market.js'
import { createLifeline, version } from './lifeline.js'

function aLifeline() {
  const bus = createMemoryBus({ debug: true })
  const clock = createVirtualClock({ startAt: newYear })
  const lifeline = createLifeline({ bus, clock, epoch: 3, heartbeatMs: 1_000 }, 'advisor')
  return { bus, clock, lifeline }
}

describe('lifeline', () => {
  it('starts as starting, tells every change, and shows the present one to whoever comes later', async () => {
    const { bus, clock, lifeline } = aLifeline()
    const seen: string[] = []
    lifeline.status$.subscribe(({ state, since }) => void seen.push(`${state} ${since - newYear}`))
    expect(lifeline.status()).toEqual({
      service: 'advisor',
      instance: 'main',
      epoch: 3,
      state: 'starting',
      code: 'service.starting',
      message: 'Getting ready.',
      since: newYear,
      version,
    })
    await clock.advanceBy(5)
    lifeline.set('ready', 'service.ready', 'Ready.')
    lifeline.set('degraded', 'advisor.no-model', 'Without a model.')
    expect(seen).toEqual(['starting 0', 'ready 5', 'degraded 5'])
    expect(bus.last(flow.serviceStatus, 'advisor@main')?.payload).toEqual(lifeline.status())
    const late: string[] = []
    lifeline.status$.subscribe(({ state }) => void late.push(state))
    expect(late).toEqual(['degraded'])
  })

  it('beats at once and then on its grid, until it is stopped', async () => {
    const { bus, clock, lifeline } = aLifeline()
    const beats: [beat: number, at: number][] = []
    bus.subscribe(flow.heartbeat, ({ payload }) => {
      expect(payload).toMatchObject({ service: 'advisor', instance: 'main', epoch: 3, everyMs: 1_000 })
      beats.push([payload.beat, payload.at - newYear])
    })
    lifeline.beat()
    lifeline.beat()
    await clock.advanceBy(2_500)
    lifeline.stop()
    lifeline.stop()
    await clock.advanceBy(5_000)
    expect(beats).toEqual([
      [0, 0],
      [1, 1_000],
      [2, 2_000],
    ])
    expect(clock.pendingCount).toBe(0)
    lifeline.beat()
    expect(beats.at(-1)).toEqual([3, 7_500])
    lifeline.stop()
  })
})
