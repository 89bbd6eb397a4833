import { describe, expect, it } from 'vitest'
import { createMemoryBus } from '../bus/memory-bus.js'
import { createIds } from '../runtime/ids.js'
import { createVirtualClock } from '../runtime/virtual-clock.js'
import { resolveRuntime } from './resolve-runtime.js'

describe('resolveRuntime', () => {
  it('keeps what is given and leaves the service its own options', () => {
    const bus = createMemoryBus()
    const clock = createVirtualClock()
    const ids = createIds(7)
    const options = { bus, clock, ids, epoch: 3, heartbeatMs: 100, symbols: ['BTC/USDT'], depth: 5 }
    const { runtime, rest } = resolveRuntime(options)
    expect(runtime).toMatchObject({ epoch: 3, heartbeatMs: 100, substitutes: {} })
    expect([runtime.bus, runtime.clock, runtime.ids]).toEqual([bus, clock, ids])
    expect(rest).toEqual({ symbols: ['BTC/USDT'], depth: 5 })
  })

  it('needs no more than a bus', () => {
    const { runtime, rest } = resolveRuntime({ bus: createMemoryBus() })
    expect(rest).toEqual({})
    expect(runtime.clock.kind).toBe('system')
    expect(runtime.journal.count).toBe(0)
    expect(runtime.random.next()).toBeGreaterThanOrEqual(0)
    expect(runtime.approvals.claimSealer().keyId).toBe('process')
    expect(runtime.epoch).toBe(1)
  })

  it('gives two services on one bus ids that never meet', () => {
    const bus = createMemoryBus()
    const one = resolveRuntime({ bus }).runtime.ids
    const other = resolveRuntime({ bus, clock: undefined }).runtime.ids
    expect(one.next('command')).not.toBe(other.next('command'))
  })

  it('refuses what is not a bus with options.invalid', () => {
    for (const options of [undefined, null, {}, { bus: {} }, 'bus']) {
      expect(() => resolveRuntime(options as never)).toThrow(expect.objectContaining({ code: 'options.invalid' }))
    }
  })
})
