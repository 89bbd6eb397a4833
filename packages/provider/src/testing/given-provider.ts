import {
  type Approval,
  type ApprovalAuthority,
  approvalText,
  createMemoryBus,
  createMemoryJournal,
  createProcessAuthority,
  createVirtualClock,
  type Envelope,
  flow,
  type Incident,
  type Journal,
  type Order,
  type OrderCommand,
  type OrderEvent,
  type Sealer,
  silentLog,
  subjectHashOf,
  type VirtualClock,
} from '@barfinex/core'
import type { Exchange } from '../exchanges/exchange.js'
import { createService, type ProviderOptions } from '../service.js'
import { type EngineExchange, type EngineExchangeOptions, engineExchange } from './engine-exchange.js'

export interface GivenProviderOptions extends Omit<EngineExchangeOptions, 'clock'> {
  /** Another exchange than the {@link engineExchange}: then give its factory as `provider.exchange`. */
  readonly exchange?: Exchange
  readonly startAt?: number
  /** Continues with what an earlier start left. */
  readonly journal?: Journal
  readonly from?: Continued
  readonly provider?: Partial<ProviderOptions>
  /** First number of the approvals' nonces: each start over one journal needs its own. */
  readonly nonceFrom?: number
}

/** What outlives a start: the exchange, the time, and the key that seals. */
export interface Continued {
  readonly clock: VirtualClock
  readonly venue: EngineExchange
  readonly approvals: ApprovalAuthority
  readonly sealer: Sealer
}

/** A Provider on a virtual clock over an {@link engineExchange}, with the seal of Inspector in the test's hand. */
export type GivenProvider = Awaited<ReturnType<typeof givenProvider>>

/** Starts one. Inspector is played by the test: it is healthy until `inspector('stopped')`. */
export async function givenProvider(options: GivenProviderOptions = {}) {
  const bus = createMemoryBus()
  const clock = options.from?.clock ?? createVirtualClock({ startAt: options.startAt ?? Date.UTC(2024, 0, 1) })
  const journal = options.journal ?? createMemoryJournal()
  const venue = options.from?.venue ?? engineExchange({ ...options, clock })
  const approvals = options.from?.approvals ?? createProcessAuthority(Buffer.alloc(32, 7))
  const sealer = options.from?.sealer ?? approvals.claimSealer()
  const { account } = options.exchange ?? venue.exchange
  bus.tap((envelope, channel) => journal.append(envelope, channel))
  const events: OrderEvent[] = []
  const incidents: Incident[] = []
  const said: Envelope<OrderEvent>[] = []
  bus.subscribe(flow.orderEvent, (envelope) => {
    events.push(envelope.payload)
    said.push(envelope)
  })
  bus.subscribe(flow.incident, ({ payload }) => void incidents.push(payload))
  const service = createService({
    bus,
    clock,
    journal,
    approvals,
    log: silentLog,
    heartbeatMs: 5_000,
    exchange: venue.factory,
    ...options.provider,
  })
  const commands = bus.publisher(flow.orderCommand, 'inspector', 1)
  const statuses = bus.publisher(flow.serviceStatus, 'inspector', 1)
  let nonces = options.nonceFrom ?? (options.from === undefined ? 0 : 1_000_000)

  function approve(order: Order, over: Partial<Approval> = {}): Approval {
    nonces += 1
    return seal({ action: 'submit', order }, order.clientOrderId, over)
  }

  function seal(action: Parameters<typeof subjectHashOf>[0], clientOrderId: string, over: Partial<Approval>): Approval {
    const unsigned = {
      account,
      epoch: 1,
      clientOrderId,
      subjectHash: subjectHashOf(action),
      expiresAt: clock.now() + 60_000,
      nonce: `nonce-${String(nonces).padStart(8, '0')}`,
      keyId: sealer.keyId,
      ...over,
    }
    return { ...unsigned, signature: over.signature ?? sealer.seal(approvalText(unsigned)) }
  }

  function send(command: OrderCommand): void {
    commands.publish(command, { occurredAt: clock.now() })
  }

  function inspector(state: 'ready' | 'stopped', since = clock.now()): void {
    const at = clock.now()
    statuses.publish(
      {
        service: 'inspector',
        instance: 'main',
        epoch: 1,
        state,
        code: 'service.test',
        message: 'Played by the test.',
        since,
        version: '0',
      },
      { occurredAt: at },
    )
  }

  return {
    bus,
    clock,
    journal,
    venue,
    approvals,
    sealer,
    service,
    events,
    incidents,
    said,
    send,
    approve,
    seal,
    inspector,
    /** Beats like an Inspector does, from now on. */
    beat() {
      const beats = bus.publisher(flow.heartbeat, 'inspector', 1)
      const pulse = () => {
        const at = clock.now()
        const beat = { service: 'inspector', instance: 'main', epoch: 1, beat: 0, at, everyMs: 5_000 } as const
        beats.publish(beat, { occurredAt: at })
      }
      pulse()
      return clock.every(5_000, pulse)
    },
    async start(): Promise<void> {
      for (const part of service.parts) await part.prepare()
      for (const part of service.parts) await part.open()
      inspector('ready')
    },
    async stop(): Promise<void> {
      const parts = [...service.parts].reverse()
      for (const part of parts) await part.drain()
      for (const part of parts) await part.close()
    },
    /** Sends an approved order. */
    submit(order: Order, over: Partial<Approval> = {}): void {
      const approval = approve(order, over)
      send({
        type: 'submit',
        commandId: `${order.clientOrderId}.${nonces}`,
        account,
        order,
        approval,
      })
    },
    cancel(clientOrderId: string, symbol = 'BTC/USDT'): void {
      nonces += 1
      const approval = seal({ action: 'cancel', clientOrderId, symbol }, clientOrderId, {})
      send({
        type: 'cancel',
        commandId: `${clientOrderId}.cancel.${nonces}`,
        account,
        clientOrderId,
        symbol,
        approval,
      })
    },
    /** `id state` of every order event so far. */
    trail: () => events.map((it) => `${it.clientOrderId} ${it.state}`),
  }
}
