import { BarfinexError } from '@barfinex/core'
import { covers, type VenueFault, type VenueFaultRule, type VenueFaults } from './venue-faults.js'
import type { VenueUserEvent, VenueWorld } from './venue-world.js'
import type { Operation } from './wire/operation.js'
import { sessionMethods } from './wire/session-operations.js'
import { klineIntervals } from './world/kline-book.js'

/** What a fault can strike: a request, a new socket, or a frame on its way out. */
export type FaultTarget = 'request' | 'dial' | 'frame'

/** One place where faults strike, by its name. */
export interface FaultPlace {
  readonly at: string
  readonly target: FaultTarget
}

/** What each can suffer. */
const possible: Readonly<Record<FaultTarget, readonly VenueFault['do'][]>> = {
  request: [
    'hang',
    'reset',
    'dropReply',
    'resetReply',
    'duplicate',
    'malformed',
    'delay',
    'engineDelay',
    'delayReply',
    'indexingLag',
    'skew',
    'error',
    'ban',
    'rateLimit',
    'halt',
  ],
  dial: ['hang', 'reset', 'delay', 'error'],
  frame: ['drop', 'duplicate', 'delay', 'reorder', 'malformed', 'rewrite', 'freeze', 'halfOpen', 'reset'],
}

const userEvents: readonly (VenueUserEvent['type'] | 'eventStreamTerminated')[] = [
  'executionReport',
  'outboundAccountPosition',
  'balanceUpdate',
  'listStatus',
  'eventStreamTerminated',
  'ORDER_TRADE_UPDATE',
  'ACCOUNT_UPDATE',
  'ACCOUNT_CONFIG_UPDATE',
]
const depths = ['depth', 'depth5', 'depth10', 'depth20'].flatMap((it) =>
  ['', '@100ms', '@250ms', '@500ms'].map((speed) => `${it}${speed}`),
)
const streams = ['trade', 'aggTrade', 'bookTicker', 'ticker', 'miniTicker', ...depths]
const marks = ['markPrice', 'markPrice@1s']
const publicStreams = ['bookTicker', 'ticker@arr', 'miniTicker@arr', 'markPrice@arr', 'markPrice@arr@1s']
const perpetuals = ['', '/public', '/market', '/private'].flatMap((it) => [`/fstream${it}/ws`, `/fstream${it}/stream`])
const dials = ['/ws', '/stream', '/ws-api/v3', ...perpetuals]

/** Every place of a venue with these symbols and operations. A socket's address may go on behind its name here. */
export function faultPlaces(
  world: Pick<VenueWorld, 'symbols'>,
  operations: readonly Operation[],
): readonly FaultPlace[] {
  const named = operations.flatMap(({ rest, method }) => [rest, method]).filter((it) => it !== undefined)
  const requests = [...named, ...sessionMethods]
  const symbols = [...new Set([...world.symbols.spot, ...world.symbols.usdm])].map((it) => it.toLowerCase())
  const perSymbol = [...streams, ...marks, ...klineIntervals.map((it) => `kline_${it}`)]
  const frames = [
    ...symbols.flatMap((symbol) => perSymbol.map((it) => `${symbol}@${it}`)),
    ...[...publicStreams, 'serverShutdown'].map((it) => `!${it}`),
    ...userEvents.map((it) => `user ${it}`),
  ]
  return [
    ...requests.map((at) => ({ at, target: 'request' }) as const),
    ...dials.map((it) => ({ at: `DIAL ${it}`, target: 'dial' }) as const),
    ...frames.map((at) => ({ at, target: 'frame' }) as const),
  ]
}

/** The registry that takes no rule which could never strike: one of a misspelt place, or of a fault that its place cannot suffer. */
export function guardFaults(faults: VenueFaults, places: readonly FaultPlace[]): VenueFaults {
  return {
    ...faults,
    inject(rule) {
      refuseVain(rule, places)
      faults.inject(rule)
    },
  }
}

function refuseVain({ id, at, fault }: VenueFaultRule, places: readonly FaultPlace[]): void {
  const struck = new Set(places.filter((place) => strikes(at, place)).map(({ target }) => target))
  if (struck.size === 0) {
    const names = places.map((it) => it.at)
    throw new BarfinexError(
      'venue.fault-place-unknown',
      `Fault "${id}": nothing is called "${at}" here, so it would never strike. Places, with * at the end for any rest: ${listed(names)}.`,
      { details: { at, places: names } },
    )
  }
  const known = [...new Set([...struck].flatMap((it) => possible[it]))]
  if (known.includes(fault.do)) return
  throw new BarfinexError(
    'venue.fault-impossible',
    `Fault "${id}": "${at}" cannot suffer "${fault.do}". What it can suffer: ${known.join(', ')}.`,
    { details: { at, possible: known } },
  )
}

/** Addresses of sockets go on: `/ws/btcusdt@trade`. */
function strikes(pattern: string, { at, target }: FaultPlace): boolean {
  return covers(pattern, at) || (target === 'dial' && pattern.startsWith(`${at}/`))
}

/** The streams of the first symbol stand for those of all. */
function listed(names: readonly string[]): string {
  const [sample] = names.find((it) => it.includes('@trade'))?.split('@') ?? []
  const isSample = (name: string) => !/^[a-z0-9]+@/.test(name) || name.startsWith(`${sample}@`)
  return [...new Set(names.filter(isSample))].join(', ')
}
