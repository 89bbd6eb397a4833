import {
  BarfinexError,
  type Bus,
  type Cause,
  type Clock,
  type CommandReceipt,
  derivedId,
  entropy,
  flow,
  type Log,
  type OperatorCommand,
  type Scope,
  schemas,
} from '@barfinex/core'
import { z } from 'zod'
import type { GatewayDesk } from './create-gateway.js'
import type { Credentials } from './credentials.js'
import { defineRoute, type Route } from './route.js'

const maxRemembered = 1_000
/** A bus that has not taken a command for good by then counts as away, in milliseconds: it may be frozen with its connections open. */
const confirmMs = 500

export interface ActRoutesOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly credentials: Credentials
  readonly epoch: number
  readonly account: string
  readonly actScope: Scope
  readonly obeyAlone: GatewayDesk['obeyAlone']
}

type Request = z.output<typeof schemas.commandRequest>

/** Everything that changes something. A request becomes a command on the bus; what comes of it is told by facts alone. */
export function actRoutes(options: ActRoutesOptions): readonly Route[] {
  const { bus, clock, log, credentials, epoch, actScope } = options
  const commands = bus.publisher(flow.operatorCommand, 'gateway', epoch)
  const orders = bus.publisher(flow.orderCommand, 'gateway', epoch)
  const receipts = new Map<string, CommandReceipt>()

  function give(request: Request, by: string): CommandReceipt {
    refuseIncomplete(request)
    const requestId = request.requestId ?? Buffer.from(entropy(16)).toString('base64url')
    const commandId = derivedId('operator', by, requestId)
    const known = receipts.get(commandId)
    if (known !== undefined) return { ...known, repeated: true }
    const issuedAt = clock.now()
    const command: OperatorCommand = {
      commandId,
      type: request.type,
      account: request.account ?? options.account,
      symbol: request.symbol ?? null,
      clientOrderId: request.clientOrderId ?? null,
      strategyId: request.strategyId ?? null,
      by,
      why: request.why,
      issuedAt,
      expiresAt: issuedAt + request.expiresInMs,
    }
    const receipt: CommandReceipt = { commandId, repeated: false, issuedAt }
    receipts.set(commandId, receipt)
    for (const oldest of receipts.keys()) {
      if (receipts.size <= maxRemembered) break
      receipts.delete(oldest)
    }
    // What a person asks for is rare, and the first thing that is looked for in a log afterwards.
    log.warn('operator command', { ...command })
    clock.admit(() => {
      let said: Cause
      try {
        said = commands.publish(command, { occurredAt: issuedAt })
      } catch (error) {
        // The bus takes nothing more: Provider obeys, and whoever asks again is not told that Inspector has heard it.
        receipts.delete(commandId)
        options.obeyAlone?.(command, null, true)
        throw error
      }
      const { connected } = bus.health()
      options.obeyAlone?.(command, said, !connected)
      if (connected) watch(command, said)
    })
    return receipt
  }

  /** Nobody else may hear a command that stays on its way: then Provider obeys alone. */
  function watch(command: OperatorCommand, said: Cause): void {
    const taken = bus.flush()
    if (taken === undefined) return
    const cancel = clock.schedule(clock.now() + confirmMs, () => options.obeyAlone?.(command, said, true))
    // What is refused or late is not heard by anybody.
    taken.then(cancel, () => {})
  }

  return [
    defineRoute({
      method: 'POST',
      path: '/api/commands',
      summary: 'Halt, reduce only, resume, close, cancel: an order by a person to the risk governor',
      scope: actScope,
      body: schemas.commandRequest,
      reply: schemas.commandReceipt,
      status: 202,
      handle: ({ body, principal }) => give(body, principal?.name ?? 'unknown'),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/orders',
      summary: 'Append a sealed order command. Provider checks the seal; the outcome is order events',
      scope: actScope,
      body: schemas.orderCommand,
      reply: schemas.orderReceipt,
      status: 202,
      handle({ body }) {
        const issuedAt = clock.now()
        // A command takes effect once by its id: nobody outside may use up the id of a command that Inspector is about to give.
        const commandId = `http-${Buffer.from(entropy(12)).toString('base64url')}`
        clock.admit(() => orders.publish({ ...body, commandId }, { occurredAt: issuedAt, receivedAt: issuedAt }))
        return { commandId, issuedAt }
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/session',
      summary: 'A short-lived session for a one-time ticket in the body, or for the token in the Authorization header',
      scope: null,
      body: z.strictObject({ ticket: z.string().min(16).max(200).optional() }),
      reply: schemas.sessionReply,
      status: 201,
      handle({ body, credential, address }) {
        if (body.ticket !== undefined) return credentials.redeemTicket(body.ticket, address)
        if (credential !== undefined) return credentials.openSession(credential, address)
        throw new BarfinexError(
          'gateway.unauthorized',
          'Give a ticket in the body or a token in the Authorization header.',
        )
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/api/session',
      summary: 'End this session',
      scope: 'read',
      reply: z.object({ ended: z.literal(true) }),
      handle({ credential }) {
        if (credential !== undefined) credentials.endSession(credential)
        return { ended: true as const }
      },
    }),
  ]
}

/** What a command acts on has to be named. */
function refuseIncomplete(request: Request): void {
  const needed = { closePosition: 'symbol', cancelOrder: 'clientOrderId', releaseStrategy: 'strategyId' } as const
  const field = needed[request.type as keyof typeof needed]
  if (field !== undefined && request[field] === undefined) {
    throw new BarfinexError('gateway.bad-request', `"${request.type}" needs "${field}".`)
  }
}
