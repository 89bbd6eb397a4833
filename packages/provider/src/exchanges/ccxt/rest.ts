import type { z } from 'zod'
import type { CallBudget, Urgency } from './call-budget.js'
import type { ExchangeTime } from './exchange-time.js'
import type { Access, Method, Params, Wire } from './load-ccxt.js'
import { RequestFault } from './request-fault.js'

interface Endpoint {
  readonly access: Access
  readonly method: Method
  readonly path: string
  /** What it costs by the exchange's count, at its dearest. */
  readonly weight: number
}

const endpoint = (access: Access, method: Method, path: string, weight: number): Endpoint => ({
  access,
  method,
  path,
  weight,
})

/** Everything that is asked of Binance, with its weight. */
const endpoints = {
  time: endpoint('public', 'GET', 'time', 1),
  exchangeInfo: endpoint('public', 'GET', 'exchangeInfo', 20),
  klines: endpoint('public', 'GET', 'klines', 2),
  depth: endpoint('public', 'GET', 'depth', 50),
  aggTrades: endpoint('public', 'GET', 'aggTrades', 4),
  keyScope: endpoint('sapi', 'GET', 'account/apiRestrictions', 1),
  account: endpoint('private', 'GET', 'account', 20),
  openOrders: endpoint('private', 'GET', 'openOrders', 80),
  order: endpoint('private', 'GET', 'order', 4),
  orders: endpoint('private', 'GET', 'allOrders', 20),
  trades: endpoint('private', 'GET', 'myTrades', 20),
  placeOrder: endpoint('private', 'POST', 'order', 1),
  cancelOrder: endpoint('private', 'DELETE', 'order', 1),
} as const

export type EndpointName = keyof typeof endpoints

const outsideWindow = -1021

export interface RestOptions {
  readonly wire: Wire
  readonly time: ExchangeTime
  readonly budget: CallBudget
}

/** Calls to the exchange: within its limits, by its clock, each sent once. */
export class Rest {
  constructor(private readonly options: RestOptions) {}

  /**
   * One call. Rejects with a {@link RequestFault}. A read that came outside the validity window is asked once more with the clock
   * measured anew; nothing else is ever sent twice.
   */
  async call<Reply>(
    name: EndpointName,
    schema: z.ZodType<Reply>,
    params: Params = {},
    urgency: Urgency = 'normal',
  ): Promise<Reply> {
    return read(schema, await this.send(name, params, urgency))
  }

  private async send(name: EndpointName, params: Params, urgency: Urgency): Promise<unknown> {
    const { time } = this.options
    try {
      return await this.once(name, params, urgency)
    } catch (error) {
      if (!(error instanceof RequestFault) || error.code !== outsideWindow) throw error
      const measured = time.measure().then(
        () => true,
        () => false,
      )
      const isRead = endpoints[name].method === 'GET' && name !== 'time'
      if (!(await measured) || !isRead) throw error
      return this.once(name, params, urgency)
    }
  }

  private async once(name: EndpointName, params: Params, urgency: Urgency): Promise<unknown> {
    const { wire, budget } = this.options
    const { access, method, path, weight } = endpoints[name]
    const refused = budget.take(weight, urgency, name === 'placeOrder')
    if (refused !== null) throw refused
    try {
      return await wire.request(access, method, path, params)
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error
      if (error.kind === 'limited') budget.pause(error)
      throw new RequestFault(error.kind, error.code, wire.redact(error.message), error.retryAfterMs)
    }
  }
}

/** A reply that is not what it should be tells nothing about what was done. */
function read<Reply>(schema: z.ZodType<Reply>, reply: unknown): Reply {
  const parsed = schema.safeParse(reply)
  if (parsed.success) return parsed.data
  const { path = [], message = '' } = parsed.error.issues[0] ?? {}
  throw new RequestFault('unclear', null, `The reply is malformed at "${path.join('.')}": ${message}`)
}
