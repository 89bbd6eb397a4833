import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type Bus, type Envelope, flow, type OrderEvent, type Random } from '@barfinex/core'
import { eventually } from '../eventually.js'
import { type DaemonName, daemonNames, type Fleet, type FleetDaemon } from '../fleet.js'
import { type NamedPoint, namedPoints, pointsOfStart, type SetTrap, type TrappedDaemon } from './named-points.js'

/** A daemon and how it is to die. */
export interface Kill {
  readonly victim: DaemonName
  /** The moment, for a person to read. */
  readonly name: string
  /** Resolves when it is dead. */
  strike(): Promise<Struck>
}

export interface Struck {
  /** False when its moment did not come, and it was killed anyway. */
  readonly hasCome: boolean
  /** From when on it did nothing, by `performance.now()`. */
  readonly downFrom: number
}

const stateIs =
  (...states: readonly OrderEvent['state'][]) =>
  ({ payload }: Envelope) =>
    states.includes((payload as OrderEvent).state)
const isPurpose =
  (purpose: string) =>
  ({ payload }: Envelope) =>
    (payload as { purpose?: string; order?: { purpose: string } }).purpose === purpose ||
    (payload as { order?: { purpose: string } }).order?.purpose === purpose

/**
 * The marked moments, by what the bus says just then: the daemons hear it at the same time, so the kill lands somewhere between
 * hearing and having acted, a little elsewhere each time.
 */
const marks = [
  { name: 'a signal is out', channel: flow.signal, is: () => true },
  { name: 'an intent is out', channel: flow.intent, is: () => true },
  { name: 'a verdict is out', channel: flow.verdict, is: () => true },
  { name: 'an entry is commanded', channel: flow.orderCommand, is: isPurpose('entry') },
  { name: 'a stop is commanded', channel: flow.orderCommand, is: isPurpose('stop') },
  { name: 'an order is on its way', channel: flow.orderEvent, is: stateIs('submitted') },
  { name: 'an order is accepted', channel: flow.orderEvent, is: stateIs('accepted') },
  { name: 'an order is being canceled', channel: flow.orderEvent, is: stateIs('pendingCancel') },
  { name: 'an entry is filled', channel: flow.fill, is: isPurpose('entry') },
  {
    name: 'a position is left',
    channel: flow.fill,
    is: ({ payload }: Envelope) => !isPurpose('entry')({ payload } as Envelope),
  },
] as const

/** So long a daemon on its feet is given to come by its moment. */
const patienceMs = 5_000
/** And by a point that less happens at, or that comes with its start. */
const trapPatienceMs = 15_000

const trapped: readonly TrappedDaemon[] = [
  'provider',
  'provider',
  'provider',
  'inspector',
  'inspector',
  'advisor',
  'detector',
]

export interface KillPlanOptions {
  readonly fleet: Fleet
  readonly bus: Bus
  readonly random: Random
  /** A daemon that is held for so long has lost its lease. */
  readonly leaseMs: number
}

/** A victim and its moment, drawn from the seed: a third at an exact point, a third at a mark on the bus, a third at any time. */
export function drawKill(options: KillPlanOptions): Kill {
  const { fleet, bus, random } = options
  const kind = random.integer(3)
  if (kind === 0) return drawTrap(options)
  // Provider and Inspector hold orders and protection: they die most often.
  const victims: readonly DaemonName[] = [...daemonNames, 'provider', 'provider', 'inspector', 'inspector']
  const victim = victims[random.integer(victims.length)] as DaemonName
  const ms = random.integer(2_000)
  const mark = marks[random.integer(marks.length)] as (typeof marks)[number]
  if (kind === 1) return { victim, name: 'any time', strike: () => killAfter(elapsed(ms), fleet[victim]) }
  return { victim, name: mark.name, strike: () => killAt(bus, mark, fleet[victim]) }
}

async function killAfter(moment: Promise<void>, daemon: FleetDaemon): Promise<Struck> {
  await moment
  const downFrom = performance.now()
  await daemon.kill()
  return { hasCome: true, downFrom }
}

async function killAt(bus: Bus, { channel, is }: (typeof marks)[number], daemon: FleetDaemon): Promise<Struck> {
  let hasCome = false
  let forget = () => {}
  const comes = new Promise<void>((resolve) => {
    forget = bus.subscribe(channel as typeof flow.fill, (envelope) => {
      if (!is(envelope)) return
      hasCome = true
      resolve()
    })
  })
  const { downFrom } = await killAfter(Promise.race([comes, elapsed(patienceMs)]), daemon)
  forget()
  return { hasCome, downFrom }
}

function drawTrap({ fleet, random, leaseMs }: KillPlanOptions): Kill {
  const victim = trapped[random.integer(trapped.length)] as TrappedDaemon
  const points: readonly NamedPoint[] = namedPoints[victim]
  const point = points[random.integer(points.length)] as NamedPoint
  const skips = random.integer(3)
  return trapKill(fleet, victim, point, skips, leaseMs)
}

/** The death of a daemon at a named point; `skips` may pass before, where it comes by often. */
export function trapKill(fleet: Fleet, victim: TrappedDaemon, point: NamedPoint, skips: number, leaseMs: number): Kill {
  const isOfStart = pointsOfStart.has(point)
  const trap: SetTrap = { point, skips: isOfStart ? 0 : skips }
  const heldMs = point === 'just after the lease has run out' ? leaseMs + 500 : 0
  return { victim, name: point, strike: () => killInTrap(fleet[victim], trap, isOfStart, heldMs) }
}

/** Lays a trap for a daemon and waits until it has died in it. */
async function killInTrap(daemon: FleetDaemon, trap: SetTrap, isOfStart: boolean, heldMs: number): Promise<Struck> {
  const file = `${daemon.configFile}.trap`
  const from = performance.now()
  if (heldMs > 0) daemon.pause()
  await elapsed(heldMs)
  // Written whole at once: the daemon reads it at any moment.
  writeFileSync(`${file}.new`, JSON.stringify(trap))
  renameSync(`${file}.new`, file)
  daemon.resume()
  if (isOfStart) {
    await daemon.kill()
    daemon.start()
  }
  const isSprung = () => !existsSync(file)
  await eventually('the trap has sprung', () => isSprung() || !daemon.isRunning, trapPatienceMs).catch(() => {})
  const hasCome = isSprung()
  const downFrom = isOfStart || heldMs > 0 ? from : performance.now()
  rmSync(file, { force: true })
  // It dies by itself where it is caught; nothing is lost when it is killed once more.
  await daemon.kill()
  return { hasCome, downFrom }
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
