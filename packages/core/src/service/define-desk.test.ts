import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Bus } from '../bus/bus.js'
import { createMemoryBus } from '../bus/memory-bus.js'
import { flow } from '../flow/map.js'
import { createMemoryJournal } from '../journal/memory-journal.js'
import { BarfinexError } from '../runtime/error.js'
import { createLog } from '../runtime/log.js'
import type { Runtime } from '../runtime/runtime.js'
import { createVirtualClock } from '../runtime/virtual-clock.js'
import { gate } from '../testing/bus-under-test.js'
import { newYear } from '../testing/given-market.js'
import { aServiceStatus } from '../testing/given-service.js'
import { aSignal } from '../testing/given-signal.js'
import { defineDesk } from './define-desk.js'
import { isService, type LifePart, type LifeRole, type Service } from './service.js'

type Phase = 'prepare' | 'open' | 'drain' | 'close'

/** A service that writes down what happens to it, and fails where it is told to. */
function aService(roles: readonly LifeRole[], life: string[], failing: readonly string[] = []): Service {
  const part = (role: LifeRole): LifePart => {
    const act = (phase: Phase) => async () => {
      life.push(`${phase} ${role}`)
      await Promise.resolve()
      if (failing.includes(`${phase} ${role}`)) throw new Error(`${phase} ${role} failed`)
      life.push(`${role} ${phase}d`)
    }
    return { role, prepare: act('prepare'), open: act('open'), drain: act('drain'), close: act('close') }
  }
  return { name: 'provider', parts: roles.map(part), status$: new Subject(), status: () => aServiceStatus() }
}

const begun = (life: readonly string[]) => life.filter((it) => /^(prepare|open|drain|close) /.test(it))

const aDesk = (life: string[], failing: readonly string[] = []) =>
  defineDesk(() => ({
    studio: aService(['studio'], life, failing),
    provider: aService(['market', 'orders'], life, failing),
    detector: aService(['detector'], life, failing),
    advisor: aService(['advisor'], life, failing),
    inspector: aService(['inspector'], life, failing),
    motto: 'no naked positions',
  }))

const forward = ['orders', 'inspector', 'advisor', 'detector', 'market', 'studio']
const back = [...forward].reverse()
const all = (phase: Phase, roles: readonly string[]) => roles.map((role) => `${phase} ${role}`)

describe('defineDesk', () => {
  it('prepares all, opens from the order side, drains and closes the other way, one at a time', async () => {
    const life: string[] = []
    const desk = aDesk(life)
    expect(life).toEqual([])
    const { stop, motto } = await desk.start({ bus: createMemoryBus() })
    expect(motto).toBe('no naked positions')
    expect(begun(life)).toEqual([...all('prepare', forward), ...all('open', forward)])
    for (let index = 0; index < life.length; index += 2) {
      const [phase, role] = (life[index] as string).split(' ')
      expect(life[index + 1]).toBe(`${role} ${phase}d`)
    }
    life.length = 0
    await Promise.all([stop(), stop()])
    await stop()
    expect(begun(life)).toEqual([...all('drain', back), ...all('close', back)])
  })

  it('winds down what was prepared when one part cannot be prepared, and throws its failure', async () => {
    const life: string[] = []
    const desk = aDesk(life, ['prepare advisor'])
    await expect(desk.start({ bus: createMemoryBus() })).rejects.toThrow('prepare advisor failed')
    const reached = ['orders', 'inspector', 'advisor']
    const undone = [...reached].reverse()
    expect(begun(life)).toEqual([...all('prepare', reached), ...all('drain', undone), ...all('close', undone)])
  })

  it('winds down everything when one part cannot be opened; a second failure is logged', async () => {
    const life: string[] = []
    const lines: string[] = []
    const desk = aDesk(life, ['open detector', 'drain market', 'close orders'])
    const log = createLog({ write: (line) => void lines.push(line) })
    await expect(desk.start({ bus: createMemoryBus(), log })).rejects.toThrow('open detector failed')
    expect(begun(life)).toEqual([
      ...all('prepare', forward),
      ...all('open', forward.slice(0, 4)),
      ...all('drain', back),
      ...all('close', back),
    ])
    expect(lines).toEqual(['error could not stop cleanly error="Error: drain market failed"'])
  })

  it('gives every part its turn when stopping fails, and tells the first failure', async () => {
    const life: string[] = []
    const { stop } = await aDesk(life, ['drain market', 'close inspector']).start({ bus: createMemoryBus() })
    life.length = 0
    await expect(stop()).rejects.toThrow('drain market failed')
    await expect(stop()).rejects.toThrow('drain market failed')
    expect(begun(life)).toEqual([...all('drain', back), ...all('close', back)])
  })

  it('refuses two services for one role and names it keeps for itself, and leaves nothing behind', async () => {
    const bus = createMemoryBus()
    const journal = createMemoryJournal()
    const start = (services: (runtime: Runtime) => object) => defineDesk(services).start({ bus, journal })
    const two = () => ({ one: aService(['advisor'], []), other: aService(['advisor'], []) })
    await expect(start(two)).rejects.toMatchObject({ code: 'desk.duplicate-service' })
    await expect(start(() => ({ stop: aService(['advisor'], []) }))).rejects.toMatchObject({ code: 'options.invalid' })
    const failing = () => {
      throw new BarfinexError('desk.live-on-virtual-clock', 'A live exchange needs the machine clock.')
    }
    await expect(start(failing)).rejects.toMatchObject({ code: 'desk.live-on-virtual-clock' })
    bus.publisher(flow.signal, 'detector').publish(aSignal(), { occurredAt: newYear })
    expect(journal.count).toBe(0)
  })

  it('journals what is said on its bus from the first build to the end of stopping', async () => {
    const bus = createMemoryBus()
    const journal = createMemoryJournal()
    const say = (signalId: string) =>
      bus.publisher(flow.signal, 'detector').publish(aSignal({ signalId }), { occurredAt: newYear })
    const speaking = (name: string): Service => {
      const act = (phase: Phase) => async () => void say(`${name} ${phase}`)
      const part: LifePart = {
        role: 'detector',
        prepare: act('prepare'),
        open: act('open'),
        drain: act('drain'),
        close: act('close'),
      }
      return { name: 'detector', parts: [part], status$: new Subject(), status: () => aServiceStatus() }
    }
    say('before')
    const { stop } = await defineDesk(() => {
      say('build')
      return { detector: speaking('d') }
    }).start({ bus, journal })
    say('running')
    await stop()
    say('after')
    const ids: string[] = []
    for await (const { payload } of journal.read()) ids.push((payload as { signalId: string }).signalId)
    expect(ids).toEqual(['build', 'd prepare', 'd open', 'running', 'd drain', 'd close'])
  })

  it('hands the same runtime to every service: what was given, and a default for the rest', async () => {
    const given: Runtime[] = []
    const desk = defineDesk((runtime) => {
      given.push(runtime)
      return {}
    })
    const bus = createMemoryBus()
    const clock = createVirtualClock()
    const substitutes = { exchange: 'tape' }
    const { runtime, stop } = await desk.start({ bus, clock, seed: 7, epoch: 4, heartbeatMs: 9, substitutes })
    expect(runtime).toBe(given[0])
    expect(runtime).toMatchObject({ epoch: 4, heartbeatMs: 9, substitutes })
    expect([runtime.bus, runtime.clock]).toEqual([bus, clock])
    await stop()
    const again = await desk.start({ bus: createMemoryBus(), seed: 7 })
    expect(again.runtime.ids.next('x')).toBe(runtime.ids.next('x'))
    expect(again.runtime.random.next()).toBe(runtime.random.next())
    expect(again.runtime.clock.kind).toBe('system')
    expect(again.runtime.epoch).toBe(1)
    await again.stop()
  })

  it('holds a virtual clock while its bus is busy, and lets it go when it has stopped', async () => {
    const bus = createMemoryBus()
    const clock = createVirtualClock()
    const block = gate()
    const order: string[] = []
    const { stop } = await defineDesk(() => ({})).start({ bus, clock })
    bus.subscribe(flow.signal, async () => {
      await block.opened
      order.push(`handled at ${clock.now()}`)
    })
    clock.schedule(5, () => void bus.publisher(flow.signal, 'd').publish(aSignal(), { occurredAt: 5 }))
    clock.schedule(6, () => void order.push('later'))
    const running = clock.run()
    block.open()
    await running
    expect(order).toEqual(['handled at 5', 'later'])
    await stop()
    const stuck = gate()
    bus.subscribe(flow.signal, () => stuck.opened)
    bus.publisher(flow.signal, 'd').publish(aSignal({ signalId: 'b' }), { occurredAt: 7 })
    await clock.advanceTo(10)
    stuck.open()
  })

  it('lets two desks live in one process, each on its own bus', async () => {
    const desk = defineDesk((runtime) => ({ echo: echo(runtime.bus) }))
    const one = await desk.start({ bus: createMemoryBus() })
    const other = await desk.start({ bus: createMemoryBus() })
    one.runtime.bus.publisher(flow.signal, 'd').publish(aSignal(), { occurredAt: newYear })
    expect([one.echo.heard, other.echo.heard]).toEqual([['signal-1'], []])
    expect([one.runtime.journal.count, other.runtime.journal.count]).toEqual([1, 0])
    expect(one.runtime.approvals.claimSealer()).not.toBe(other.runtime.approvals.claimSealer())
    await one.stop()
    other.runtime.bus.publisher(flow.signal, 'd').publish(aSignal({ signalId: 's2' }), { occurredAt: newYear })
    expect([one.echo.heard, other.echo.heard]).toEqual([['signal-1'], ['s2']])
    await other.stop()
  })

  it('knows a service when it sees one', () => {
    expect(isService(aService(['market'], []))).toBe(true)
    for (const it of [null, 1, 'provider', {}, { name: 'x', parts: 3, status: 1 }, { parts: [] }])
      expect(isService(it)).toBe(false)
  })
})

function echo(bus: Bus) {
  const heard: string[] = []
  bus.subscribe(flow.signal, ({ payload }) => void heard.push(payload.signalId))
  return { heard }
}
