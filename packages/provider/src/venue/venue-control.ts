import { BarfinexError, parseOptions } from '@barfinex/core'
import { z } from 'zod'
import type { VenueClock } from './venue-clock.js'
import type { VenueFaultRule } from './venue-faults.js'
import type { VenueWorld } from './venue-world.js'
import type { KeyRing } from './wire/key-restrictions.js'
import type { VenueSockets } from './wire/socket-registry.js'

/** What the control port works on. */
export interface ControlledVenue {
  readonly world: VenueWorld
  readonly clock: Pick<VenueClock, 'advance' | 'pace'>
  readonly sockets: VenueSockets
  readonly keys: KeyRing
}

/** One act of the control port: what its body holds, and what it does. */
export interface ControlAct {
  /** `POST /price`. */
  readonly at: string
  readonly help: string
  run(body: unknown): unknown
}

const ms = z.number().int().min(0).max(315_360_000_000)
const market = z.enum(['spot', 'usdm']).default('spot')
const symbol = z.string().regex(/^[A-Z0-9]{2,30}$/)
const money = z.string().regex(/^\d{1,20}(\.\d{1,8})?$/)
const kind = z.enum(['market', 'api', 'all']).default('all')
const seconds = z.number().int().min(1).max(1_000_000)

const name = z.string().min(1).max(50)
const fieldsToSet = z.record(name, z.json())

const fault: z.ZodType<VenueFaultRule['fault']> = z.union([
  z.strictObject({
    do: z.enum([
      'hang',
      'reset',
      'resetReply',
      'dropReply',
      'duplicate',
      'malformed',
      'freeze',
      'halfOpen',
      'drop',
      'reorder',
    ]),
  }),
  z.strictObject({ do: z.enum(['delay', 'engineDelay', 'delayReply', 'indexingLag']), ms }),
  z.strictObject({ do: z.literal('skew'), ms: z.number().int() }),
  z.strictObject({
    do: z.literal('error'),
    code: z.number().int(),
    msg: z.string().max(1_000),
    httpStatus: z.number().int().min(400).max(599),
    taken: z.boolean().default(false),
  }),
  z.strictObject({ do: z.enum(['ban', 'rateLimit']), retryAfterSeconds: seconds }),
  z.strictObject({ do: z.literal('halt'), symbol }),
  z.strictObject({ do: z.literal('rewrite'), set: fieldsToSet.default({}), remove: z.array(name).max(50).default([]) }),
])

const rule = z.strictObject({
  id: z.string().min(1).max(100),
  at: z.string().min(1).max(200),
  fault,
  where: z.record(name, z.string().max(200)).optional(),
  times: z.number().int().min(1).optional(),
  share: z.number().min(0).max(1).optional(),
})

const filters = z.strictObject({
  market,
  symbol,
  tickSize: money.optional(),
  stepSize: money.optional(),
  minQuantity: money.optional(),
  maxQuantity: money.optional(),
  minNotional: money.optional(),
  maxNumOrders: z.number().int().min(0).optional(),
  maxNumAlgoOrders: z.number().int().min(0).optional(),
})

/** Everything the control port does, as a table. */
export function controlActs({ world, clock, sockets, keys }: ControlledVenue): readonly ControlAct[] {
  function act<Schema extends z.ZodType>(
    at: string,
    help: string,
    schema: Schema,
    run: (body: z.output<Schema>) => unknown,
  ): ControlAct {
    return { at, help, run: (body) => run(parseOptions(schema, body, at)) }
  }

  return [
    { at: 'GET /truth', help: 'every order, fill, balance and position there ever was', run: () => world.truth() },
    { at: 'GET /faults', help: 'the faults in force', run: () => world.faults.list() },
    act('POST /faults', 'injects a fault', rule, (it) => world.faults.inject(withoutAbsent(it))),
    act('DELETE /faults', 'removes one fault, or all', z.strictObject({ id: z.string().optional() }), ({ id }) =>
      world.faults.clear(id),
    ),
    act('POST /clock/advance', 'moves the clock on', z.strictObject({ ms }), (it) => clock.advance(it.ms)),
    act(
      'POST /clock/pace',
      'venue time over wall time; 0 lets it stand',
      z.strictObject({ speed: z.number().min(0).max(1_000_000) }),
      (it) => clock.pace(it.speed),
    ),
    act(
      'POST /clock/skew',
      "steps the venue's clock against its own time",
      z.strictObject({ ms: z.number().int().min(-86_400_000).max(86_400_000) }),
      (it) => world.setSkew(it.ms),
    ),
    act('POST /price', 'moves the market to a price', z.strictObject({ market, symbol, price: money }), (it) =>
      world.movePrice(it.market, it.symbol, it.price),
    ),
    act(
      'POST /trade',
      'somebody else trades',
      z.strictObject({ market, symbol, price: money, quantity: money, takerSide: z.enum(['BUY', 'SELL']) }),
      (it) => world.printTrade(it.market, it.symbol, it.price, it.quantity, it.takerSide),
    ),
    act(
      'POST /status',
      'halts a symbol, or lets it trade again',
      z.strictObject({ market, symbol, status: z.enum(['TRADING', 'HALT', 'BREAK', 'CANCEL_ONLY']) }),
      (it) => world.setStatus(it.market, it.symbol, it.status),
    ),
    act('POST /filters', 'changes the filters of a symbol', filters, ({ market, symbol, ...change }) =>
      world.setFilters(market, symbol, withoutAbsent(change)),
    ),
    act(
      'POST /orders/end',
      'ends an open order by another hand',
      z.strictObject({
        account: z.string(),
        market,
        symbol,
        clientOrderId: z.string().min(1).max(36),
        as: z.enum(['CANCELED', 'EXPIRED']).default('CANCELED'),
      }),
      (it) => world.endOrder(accountId(world, it.account), it.market, it.symbol, it.clientOrderId, it.as),
    ),
    act(
      'POST /deposit',
      'adds to an account, or takes from it',
      z.strictObject({
        account: z.string(),
        market,
        asset: z.string().regex(/^[A-Z0-9]{1,20}$/),
        amount: z.string().regex(/^-?\d{1,20}(\.\d{1,8})?$/),
      }),
      (it) => world.deposit(accountId(world, it.account), it.market, it.asset, it.amount),
    ),
    act('POST /lag', 'lets reads lag the engine', z.strictObject({ from: ms, to: ms }), (it) =>
      world.setIndexingLag(it),
    ),
    act(
      'POST /keys',
      'changes what a key may do',
      z.strictObject({
        account: z.string(),
        mayTrade: z.boolean().optional(),
        mayWithdraw: z.boolean().optional(),
        isBoundToAddress: z.boolean().optional(),
      }),
      ({ account, ...change }) => keys.restrict(apiKeyOf(world, account), withoutAbsent(change)),
    ),
    act(
      'POST /sockets/close',
      'closes sockets',
      z.strictObject({ kind, code: z.number().int().min(1_000).max(4_999).default(1_001) }),
      (it) => ({ struck: sockets.close(it.kind, it.code) }),
    ),
    act('POST /sockets/cut', 'cuts sockets without a closing frame', z.strictObject({ kind }), (it) => ({
      struck: sockets.cut(it.kind),
    })),
    act('POST /sockets/freeze', 'sockets stay open and send nothing more', z.strictObject({ kind }), (it) => ({
      struck: sockets.freeze(it.kind),
    })),
    act('POST /sockets/half-open', 'sockets look open and are dead', z.strictObject({ kind }), (it) => ({
      struck: sockets.halfOpen(it.kind),
    })),
    act(
      'POST /sockets/shutdown',
      'announces serverShutdown and closes every socket later',
      z.strictObject({ afterMs: ms.default(600_000) }),
      (it) => ({ struck: sockets.shutDown(it.afterMs) }),
    ),
    act('POST /user-data/terminate', 'ends user data with eventStreamTerminated', z.strictObject({}), () => ({
      struck: sockets.terminateUserData(),
    })),
  ]
}

function accountId(world: VenueWorld, id: string): string {
  const found = world.accounts.find((it) => it.id === id)
  if (found !== undefined) return found.id
  const known = world.accounts.map((it) => it.id).join(', ')
  throw new BarfinexError('options.invalid', `There is no account "${id}". Accounts: ${known}.`)
}

function apiKeyOf(world: VenueWorld, id: string): string {
  const known = accountId(world, id)
  return world.accounts.find((it) => it.id === known)?.apiKey ?? ''
}

/** Fields that were not sent are absent, not `undefined`. */
function withoutAbsent<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]: Exclude<Fields[Key], undefined>
  }
}
