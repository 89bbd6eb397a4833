import {
  BarfinexError,
  type Bus,
  type Clock,
  type ExplanationReply,
  explain,
  type Journal,
  queries,
  schemas,
} from '@barfinex/core'
import { z } from 'zod'
import type { DeskView } from './desk-view.js'
import { healthOf } from './health.js'
import { defineRoute, type Route } from './route.js'

const limit = z.coerce.number().int().min(1).max(1_000).default(200)
const wantedSymbol = schemas.symbol.optional()

export interface ReadRoutesOptions {
  readonly view: DeskView
  readonly bus: Bus
  readonly clock: Clock
  readonly journal: Journal
  readonly account: string
}

/** Everything that only looks. Lists are newest last. */
export function readRoutes({ view, bus, clock, journal, account }: ReadRoutesOptions): readonly Route[] {
  const listQuery = z.strictObject({ symbol: wantedSymbol, limit })
  const pick = <It extends { readonly symbol: string }>(all: readonly It[], query: z.output<typeof listQuery>): It[] =>
    all.filter((it) => query.symbol === undefined || it.symbol === query.symbol).slice(-query.limit)

  const inTurn = oneAtATime()

  return [
    defineRoute({
      path: '/api/health',
      summary: 'Live, ready, ready to trade: three questions, with what stands in the way',
      scope: 'read',
      query: z.strictObject({
        /** With a probe the status is 503 when the answer is no. */
        probe: z.enum(['ready', 'trading']).optional(),
      }),
      reply: schemas.healthReply,
      statusOf: (reply, { probe }) =>
        (probe === 'ready' && !reply.ready) || (probe === 'trading' && !reply.tradingReady) ? 503 : 200,
      handle: () => healthOf(view, journal, account, clock.now()),
    }),
    defineRoute({
      path: '/api/services',
      summary: 'Status of every service',
      scope: 'read',
      reply: z.array(schemas.serviceStatus),
      handle: () => [...view.list('services')],
    }),
    defineRoute({
      path: '/api/instruments',
      summary: 'What may be traded, and by which rules',
      scope: 'read',
      reply: z.array(schemas.instrument),
      handle: () => [...view.list('instruments')],
    }),
    defineRoute({
      path: '/api/candles',
      summary: 'Closed candles from history, oldest first',
      scope: 'read',
      query: z.strictObject({
        symbol: schemas.symbol,
        timeframe: schemas.timeframe,
        limit: z.coerce.number().int().min(1).max(5_000).default(500),
        /** Older than this open time: the `cursor` of the reply before. */
        cursor: z.coerce.number().int().min(0).optional(),
      }),
      reply: queries.candles.reply,
      handle: ({ query }) =>
        bus.ask(queries.candles, {
          symbol: query.symbol,
          timeframe: query.timeframe,
          until: clock.now(),
          limit: query.limit,
          cursor: query.cursor ?? null,
        }),
    }),
    defineRoute({
      path: '/api/account',
      summary: 'Balances, positions and open orders, as the ledger knows them',
      scope: 'read',
      reply: schemas.accountState,
      handle() {
        const ledger = view.get('accounts', account)
        if (ledger !== undefined) return ledger
        throw new BarfinexError(
          'gateway.not-found',
          'No account has been published yet. Ask again when Provider is ready.',
          {
            retryable: true,
          },
        )
      },
    }),
    defineRoute({
      path: '/api/orders',
      summary: 'The last event of each recent order',
      scope: 'read',
      query: listQuery,
      reply: z.array(schemas.orderEvent),
      handle: ({ query }) => pick(view.list('orders'), query),
    }),
    defineRoute({
      path: '/api/decisions',
      summary: 'Recent decisions of the advisor, with their eight stages',
      scope: 'read',
      query: listQuery,
      reply: z.array(schemas.decision),
      handle: ({ query }) => pick(view.list('decisions'), query),
    }),
    defineRoute({
      path: '/api/verdicts',
      summary: 'Recent verdicts of the inspector, with all reasons',
      scope: 'read',
      query: listQuery,
      reply: z.array(schemas.verdict),
      handle: ({ query }) => pick(view.list('verdicts'), query),
    }),
    defineRoute({
      path: '/api/explain/{id}',
      summary: 'Why: the trail of a signal, decision, intent, verdict, order, fill or outcome, or of a moment',
      scope: 'read',
      params: z.object({ id: z.string().min(1).max(400) }),
      reply: schemas.explanation,
      handle: ({ params }) => inTurn(() => explainFrom(journal, params.id)),
    }),
  ]
}

async function explainFrom(journal: Journal, id: string): Promise<ExplanationReply> {
  const found = await explain(journal, id)
  if (found === null) {
    throw new BarfinexError(
      'gateway.not-found',
      'The journal knows nothing of this id. Ask for a signal, decision, intent, verdict, order, fill or outcome, or for a moment such as "BTC/USDT@2026-01-05T12:00:00Z".',
    )
  }
  const steps = found.trail.map(({ distance, envelope, text }) => {
    const { id: envelopeId, type, occurredAt } = envelope
    return { distance, id: envelopeId, type, occurredAt, text }
  })
  return { id, root: found.root, steps, text: found.text }
}

/** One at a time: each reads the whole journal. */
function oneAtATime(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(task)
    last = result.catch(() => {})
    return result
  }
}
