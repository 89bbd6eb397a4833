import { z } from 'zod'
import type { Channel } from './channel.js'
import { flow } from './map.js'
import { decimalText, identifier, instantMs } from './primitives.js'

export const equityPoint = z.object({
  account: identifier,
  at: instantMs,
  /** Everything owned, in the account's quote asset: the ledger's word, carried on with the prices since. */
  equityQuote: decimalText,
})
/** The account's worth at one instant: a point of the equity curve. */
export interface EquityPoint extends z.infer<typeof equityPoint> {}

export const tally = z.object({
  /** A channel's name, or `verdict.approved`, `verdict.denied` for answers to intents. */
  name: identifier,
  /** Messages seen since the gateway's start. */
  count: z.number().int().nonnegative(),
})
/** How many messages of one kind there have been. */
export interface Tally extends z.infer<typeof tally> {}

/**
 * One subject of the Studio protocol and how much of it both ends keep: the last value of each id, the most recently
 * touched `limit` ids (per group where there are groups), `total` over all groups.
 */
export interface StudioTopic<Payload> {
  /** Where it comes from; `null` for what the gateway derives. */
  readonly channel: Channel<Payload> | null
  readonly schema: z.ZodType<Payload>
  readonly idOf: (payload: Payload) => string
  readonly groupOf: ((payload: Payload) => string) | null
  readonly limit: number
  readonly total: number
  /** Sent at most once and outside the cursor: only the newest value means anything. */
  readonly isLive: boolean
}

function topic<Payload>(
  channel: Channel<Payload>,
  limit: number,
  grouped: { readonly total: number } | null = null,
): StudioTopic<Payload> {
  return {
    channel,
    schema: channel.schema,
    idOf: channel.idOf ?? channel.keyOf,
    groupOf: grouped === null ? null : channel.keyOf,
    limit,
    total: grouped?.total ?? limit,
    isLive: channel.class === 'live' || channel.class === 'heartbeat',
  }
}

function derived<Payload>(
  schema: z.ZodType<Payload>,
  idOf: (payload: Payload) => string,
  limit: number,
): StudioTopic<Payload> {
  return { channel: null, schema, idOf, groupOf: null, limit, total: limit, isLive: false }
}

const minuteMs = 60_000

/** Everything Studio shows. Sealed order commands are left out: approvals never leave the kernel. */
export const studioTopics = {
  instruments: topic(flow.instrument, 500),
  feeds: topic(flow.feed, 500),
  quotes: topic(flow.quote, 500),
  formingCandles: topic(flow.formingCandle, 500),
  /** Closed candles by series; older ones are asked for over HTTP. */
  candles: topic({ ...flow.candle, idOf: (it) => `${it.symbol}@${it.timeframe}@${it.openTime}` }, 200, {
    total: 10_000,
  }),
  evaluations: topic(flow.evaluation, 200),
  strategies: topic(flow.strategyState, 200),
  signals: topic(flow.signal, 200),
  decisions: topic(flow.decision, 80),
  intents: topic(flow.intent, 100),
  calibration: topic(flow.calibration, 1),
  verdicts: topic(flow.verdict, 200),
  acts: topic(flow.act, 100),
  tradingStates: topic(flow.tradingState, 20),
  protections: topic(flow.protection, 500),
  risks: topic(flow.riskState, 20),
  outcomes: topic(flow.outcome, 300),
  incidents: topic(flow.incident, 200),
  /** The last event of each order. */
  orders: topic({ ...flow.orderEvent, idOf: (it) => `${it.account}@${it.clientOrderId}` }, 400),
  fills: topic(flow.fill, 500),
  accounts: topic(flow.account, 20),
  commands: topic(flow.operatorCommand, 100),
  services: topic(flow.serviceStatus, 100),
  heartbeats: topic(flow.heartbeat, 100),
  /** One point per account and minute of kernel time: two days of them. */
  equity: derived<EquityPoint>(equityPoint, (it) => `${it.account}@${Math.floor(it.at / minuteMs)}`, 2_880),
  tallies: derived<Tally>(tally, (it) => it.name, 60),
} as const

export type StudioTopicName = keyof typeof studioTopics

/** What one topic's messages are. */
export type StudioPayload<Name extends StudioTopicName> =
  (typeof studioTopics)[Name] extends StudioTopic<infer Payload> ? Payload : never

export const studioTopicNames = Object.keys(studioTopics) as readonly StudioTopicName[]

export const studioTopicName = z.enum(studioTopicNames as [StudioTopicName, ...StudioTopicName[]])
