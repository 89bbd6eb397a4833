import { z } from 'zod'
import { clientOrderId } from './5-order.js'
import { operatorCommand } from './6-command.js'
import { serviceName } from './7-service.js'
import { code, identifier, instantMs, symbol } from './primitives.js'
import { studioTopicName } from './studio-topics.js'

/** Version of the Studio protocol; the gateway refuses another. */
export const studioProtocol = 1

export const scope = z.enum(['read', 'paper', 'trade', 'admin'])
/** What a credential may do, each including those before: look, act on paper accounts, act on live accounts, administer. */
export type Scope = z.infer<typeof scope>

export const studioCursor = z.object({
  /** The gateway's start: cursors of another start mean nothing. */
  incarnation: identifier,
  /** Counts change frames from 0. */
  sequence: z.number().int().nonnegative(),
})
/** How far a client has followed. */
export interface StudioCursor extends z.infer<typeof studioCursor> {}

export const studioRequest = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number().int(),
    /** A token or a session. */
    credential: z.string().min(16).max(200),
    /** Goes on from there if the gateway still can; else, or when `null`, a snapshot comes. */
    cursor: studioCursor.nullable(),
    /** Only these topics; all when `null`. */
    topics: z.array(studioTopicName).max(64).nullable(),
  }),
  /** What I have may be wrong: send a snapshot. */
  z.object({ type: z.literal('resync') }),
])
/** What a client says on the WebSocket. `hello` comes first, within two seconds. */
export type StudioRequest = z.infer<typeof studioRequest>

export const studioFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    protocol: z.number().int(),
    incarnation: identifier,
    /** Names this connection: a client makes ids of its requests with it. */
    connection: identifier,
    /** Name of the credential. */
    name: identifier,
    scopes: z.array(scope),
    /** Scope that acts need on this desk. */
    actScope: scope,
    /** True when the changes since the cursor follow instead of a snapshot. */
    resumed: z.boolean(),
    mode: z.enum(['paper', 'live']),
    account: identifier,
    version: z.string().max(40),
    /** A frame comes at least so often; twice that without one means the picture is stale. Wall time. */
    pingMs: z.number().int().positive(),
  }),
  z.object({
    type: z.literal('snapshot'),
    cursor: z.number().int().nonnegative(),
    /** Kernel time. */
    at: instantMs,
    /** Messages by topic, oldest first. They replace everything the client has. */
    topics: z.partialRecord(studioTopicName, z.array(z.unknown())),
  }),
  z.object({
    type: z.literal('changes'),
    topic: studioTopicName,
    /** Position after this frame. A frame of live data does not move it. */
    cursor: z.number().int().nonnegative(),
    at: instantMs,
    messages: z.array(z.unknown()),
  }),
  z.object({ type: z.literal('ping'), cursor: z.number().int().nonnegative(), at: instantMs }),
  z.object({ type: z.literal('error'), code, message: z.string().max(500) }),
])
/** What the gateway says on the WebSocket. */
export type StudioFrame = z.infer<typeof studioFrame>

/** Why the gateway ends a WebSocket, as close codes. */
export const studioClose = {
  badRequest: 4400,
  unauthorized: 4401,
  /** No `hello` within two seconds. */
  helloTimeout: 4408,
  /** Too much was waiting for this client. Come back with the cursor. */
  tooSlow: 4413,
  tooMany: 4429,
} as const

export const sessionReply = z.object({
  /** Send it as `Authorization: Bearer …` and in `hello`. */
  session: z.string(),
  name: identifier,
  scopes: z.array(scope),
  /** Machine date, milliseconds UTC. */
  expiresAt: instantMs,
})
/** A short-lived credential, got for a one-time ticket or a token. */
export interface SessionReply extends z.infer<typeof sessionReply> {}

export const commandRequest = z.object({
  type: operatorCommand.shape.type,
  /** The desk's account when absent. */
  account: identifier.optional(),
  symbol: symbol.optional(),
  clientOrderId: clientOrderId.optional(),
  strategyId: identifier.optional(),
  /** Kept in the journal. */
  why: z.string().trim().min(1).max(300),
  /** Void so many milliseconds of kernel time after it was given. */
  expiresInMs: z.number().int().min(1_000).max(3_600_000).default(60_000),
  /** Say it again with the same id after a lost reply: it takes effect once. */
  requestId: identifier.max(80).optional(),
})
/** What a person asks for over HTTP; who asks is known from the credential. */
export type CommandRequest = z.input<typeof commandRequest>

export const commandReceipt = z.object({
  commandId: identifier,
  /** True when this request had been given before; it was not written again. */
  repeated: z.boolean(),
  issuedAt: instantMs,
})
/** The command is on the bus. What came of it is told by facts, never by a reply. */
export interface CommandReceipt extends z.infer<typeof commandReceipt> {}

export const orderReceipt = z.object({ commandId: identifier, issuedAt: instantMs })
/** The sealed order command is on the bus, under an id of its own. Its outcome is order events, or an incident. */
export interface OrderReceipt extends z.infer<typeof orderReceipt> {}

export const healthReply = z.object({
  /** The process answers. */
  live: z.literal(true),
  /** Every service that registered is up and shows signs of life. */
  ready: z.boolean(),
  /** Ready, all services of the chain are there, the account is known, the state is active and every feed is live. */
  tradingReady: z.boolean(),
  /** What stands in the way. */
  reasons: z.array(z.object({ code, message: z.string() })),
  services: z.array(z.object({ service: serviceName, instance: identifier, state: z.string(), alive: z.boolean() })),
  /** Kernel time. */
  at: instantMs,
})
/** Three different questions: does it answer, does it work, may it trade. */
export interface HealthReply extends z.infer<typeof healthReply> {}

export const explanation = z.object({
  id: z.string(),
  /** The market event or command at the root. */
  root: z.string(),
  /** Causes first, then what was asked about, then its effects. */
  steps: z.array(
    z.object({
      /** Below zero what led to it, above zero what came of it. */
      distance: z.number().int(),
      id: z.string(),
      type: identifier,
      occurredAt: instantMs,
      text: z.string(),
    }),
  ),
  text: z.string(),
})
/** Why something happened, or why it did not: a trail, told for people. */
export interface ExplanationReply extends z.infer<typeof explanation> {}

export const failureReply = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
/** Every refusal of the HTTP API. */
export interface FailureReply extends z.infer<typeof failureReply> {}
