import { type Bus, type Envelope, flow, type OrderEvent, type Random } from '@barfinex/core'
import { type DaemonName, daemonNames } from '../fleet.js'

/** A moment at which a daemon is killed. */
export interface Moment {
  readonly name: string
  /** Resolves when it is there. */
  readonly comes: Promise<void>
  /** Stops waiting for it. */
  forget(): void
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

/** A victim and its moment, drawn from the seed: half at a mark, half at any time. */
export function drawKill(random: Random, bus: Bus): { readonly victim: DaemonName; readonly moment: Moment } {
  // Provider and Inspector hold orders and protection: they die most often.
  const victims: readonly DaemonName[] = [...daemonNames, 'provider', 'provider', 'inspector', 'inspector']
  const victim = victims[random.integer(victims.length)] as DaemonName
  const mark = random.next() < 0.5 ? marks[random.integer(marks.length)] : undefined
  const moment = mark === undefined ? afterWhile(random.integer(2_000)) : atMark(bus, mark)
  return { victim, moment }
}

function afterWhile(ms: number): Moment {
  let timer: NodeJS.Timeout | undefined
  const comes = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return { name: 'any time', comes, forget: () => clearTimeout(timer) }
}

function atMark(bus: Bus, { name, channel, is }: (typeof marks)[number]): Moment {
  let forget = () => {}
  const comes = new Promise<void>((resolve) => {
    forget = bus.subscribe(channel as typeof flow.fill, (envelope) => {
      if (is(envelope)) resolve()
    })
  })
  return { name, comes, forget: () => forget() }
}
