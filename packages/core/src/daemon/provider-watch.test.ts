import { describe, expect, it } from 'vitest'
import { createMemoryBus } from '../bus/memory-bus.js'
import type { ServiceStatus } from '../flow/7-service.js'
import { flow } from '../flow/map.js'
import type { WallTimer } from '../runtime/wall-timer.js'
import { newYear } from '../testing/given-market.js'
import { aServiceStatus } from '../testing/given-service.js'
import { watchProvider } from './provider-watch.js'

function given() {
  const bus = createMemoryBus()
  let now = 0
  const timer: Pick<WallTimer, 'now'> = { now: () => now }
  const statuses = bus.publisher(flow.serviceStatus, 'provider')
  const beats = bus.publisher(flow.heartbeat, 'provider')
  return {
    bus,
    say(state: ServiceStatus['state'], epoch = 1, service: ServiceStatus['service'] = 'provider') {
      statuses.publish(aServiceStatus({ service, instance: 'main', state, epoch }), { occurredAt: newYear })
    },
    beat(epoch = 1) {
      const beat = { service: 'provider', instance: 'main', epoch, beat: 0, at: newYear, everyMs: 100 } as const
      beats.publish(beat, { occurredAt: newYear })
    },
    pass(ms: number) {
      now += ms
    },
    watch: () => watchProvider(bus, timer as WallTimer),
  }
}

describe('waiting for Provider', () => {
  it('takes a status and a sign of life of the same start, in either order', async () => {
    for (const order of ['status first', 'beat first']) {
      const it = given()
      const watch = it.watch()
      const arrived = watch.arrived(new AbortController().signal)
      if (order === 'status first') it.say('ready')
      it.beat()
      if (order === 'beat first') it.say('ready')
      await arrived
      expect(watch.isThere).toBe(true)
    }
  })

  it('does not believe the last word of a Provider that is gone', () => {
    const it = given()
    it.say('ready', 1)
    const watch = it.watch()
    expect(watch.isThere).toBe(false)
    // The next one lives and is not ready yet.
    it.beat(2)
    expect(watch.isThere).toBe(false)
    it.say('starting', 2)
    expect(watch.isThere).toBe(false)
    it.say('degraded', 2)
    expect(watch.isThere).toBe(true)
  })

  it('notices when it falls silent, drains, or when the waiting is called off', async () => {
    const it = given()
    const watch = it.watch()
    it.say('ready', 1, 'inspector')
    it.say('ready')
    it.beat()
    it.pass(200)
    expect(watch.isThere).toBe(true)
    it.pass(1)
    expect(watch.isThere).toBe(false)
    it.beat()
    it.say('draining')
    expect(watch.isThere).toBe(false)
    const calling = new AbortController()
    const waiting = watch.arrived(calling.signal)
    calling.abort(new Error('called off'))
    await expect(waiting).rejects.toThrow('called off')
    watch.stop()
    it.say('ready')
    expect(watch.isThere).toBe(false)
  })
})
