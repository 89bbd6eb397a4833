import {
  type Act,
  type ApprovalAuthority,
  type Bus,
  createMemoryBus,
  createMemoryJournal,
  createProcessAuthority,
  createVirtualClock,
  type ExecutionIntent,
  flow,
  type Incident,
  type Instrument,
  type Journal,
  type OperatorCommand,
  type Protection,
  type RiskState,
  silentLog,
  type TradeOutcome,
  type Verdict,
  type VirtualClock,
} from '@barfinex/core'
import { anInstrument, anIntent, anOperatorCommand, newYear } from '@barfinex/core/testing'
import { createService, type InspectorOptions, type InspectorService } from '../src/service.js'
import { createScriptedExchange, type ScriptedExchange, type ScriptOptions } from './scripted-exchange.js'

export const swap = 'BTC/USDT:USDT'

export const swapRules: Instrument = anInstrument({
  symbol: swap,
  kind: 'swap',
  tickSize: '0.1',
  stepSize: '0.001',
  minQuantity: '0.001',
})

export interface DeskOptions {
  readonly config: Pick<InspectorOptions, 'policies'> & Partial<InspectorOptions>
  readonly exchange?: Partial<ScriptOptions>
}

/** One Inspector on a memory bus and a virtual clock, over a scripted order side, with everything it says collected. */
export interface DeskUnderTest {
  readonly exchange: ScriptedExchange
  readonly bus: Bus
  readonly clock: VirtualClock
  readonly journal: Journal
  readonly verdicts: Verdict[]
  readonly outcomes: TradeOutcome[]
  readonly incidents: Incident[]
  readonly acts: Act[]
  readonly protections: Protection[]
  /** Messages whose handler threw. */
  readonly faults: unknown[]
  readonly service: InspectorService
  propose(overrides?: Partial<ExecutionIntent>): void
  operate(overrides: Partial<OperatorCommand>): void
  /** Runs the clock so many milliseconds on. */
  pass(ms: number): Promise<void>
  state(): string | undefined
  risk(): RiskState | undefined
  protection(symbol?: string): Protection | undefined
  codes(): readonly string[]
  /** The Inspector dies without any farewell; exchange, bus and journal go on. */
  crash(): Promise<void>
  /** A new Inspector over the same journal; of epoch 1 unless another is named. */
  boot(epoch?: number): Promise<void>
}

/** A long at 100 with stop 98 and target 106. */
export function longIntent(overrides: Partial<ExecutionIntent> = {}): ExecutionIntent {
  const id = overrides.intentId ?? 'intent-1'
  return anIntent({
    symbol: swap,
    referencePrice: '100',
    stopPrice: '98',
    targetPrice: '106',
    decisionId: `decision-of-${id}`,
    issuedAt: newYear,
    expiresAt: newYear + 3_600_000,
    ...overrides,
  })
}

export async function startDesk(options: DeskOptions): Promise<DeskUnderTest> {
  const faults: unknown[] = []
  const bus = createMemoryBus({ debug: true, onHandlerFault: (error) => faults.push(error) })
  const clock = createVirtualClock({ startAt: newYear })
  const journal = createMemoryJournal()
  const authority = createProcessAuthority(new Uint8Array(32).fill(7))
  const sealer = authority.claimSealer()
  // Each process has its own; here every life of the Inspector gets the same one.
  const approvals: ApprovalAuthority = { verifier: authority.verifier, claimSealer: () => sealer }
  bus.tap((envelope, channel) => journal.append(envelope, channel))
  const exchange = createScriptedExchange({
    bus,
    clock,
    verifier: approvals.verifier,
    instruments: [swapRules],
    ...options.exchange,
  })
  const verdicts: Verdict[] = []
  const outcomes: TradeOutcome[] = []
  const incidents: Incident[] = []
  const acts: Act[] = []
  const protections: Protection[] = []
  bus.subscribe(flow.verdict, ({ payload }) => void verdicts.push(payload))
  bus.subscribe(flow.outcome, ({ payload }) => void outcomes.push(payload))
  bus.subscribe(flow.incident, ({ payload }) => void incidents.push(payload))
  bus.subscribe(flow.act, ({ payload }) => void acts.push(payload))
  bus.subscribe(flow.protection, ({ payload }) => void protections.push(payload))
  const intents = bus.publisher(flow.intent, 'advisor', 1)
  const commands = bus.publisher(flow.operatorCommand, 'studio', 1)
  let service: InspectorService | null = null

  exchange.start()
  const desk: DeskUnderTest = {
    exchange,
    bus,
    clock,
    journal,
    verdicts,
    outcomes,
    incidents,
    acts,
    protections,
    faults,
    get service() {
      if (service === null) throw new Error('the Inspector is dead')
      return service
    },
    propose: (overrides) => void intents.publish(longIntent(overrides), { occurredAt: clock.now() }),
    operate(overrides) {
      const expiresAt = clock.now() + 60_000
      const command = anOperatorCommand({ issuedAt: clock.now(), expiresAt, ...overrides })
      commands.publish(command, { occurredAt: clock.now() })
    },
    pass: (ms) => clock.advanceBy(ms),
    state: () => bus.last(flow.tradingState, 'paper')?.payload.state,
    risk: () => bus.last(flow.riskState, 'paper')?.payload,
    protection: (symbol = swap) => bus.last(flow.protection, `paper@${symbol}`)?.payload,
    codes: () => incidents.map(({ reason }) => reason.code),
    async crash() {
      await service?.parts[0]?.close()
      service = null
    },
    async boot(epoch = 1) {
      service = createService({ bus, clock, journal, approvals, epoch, log: silentLog, ...options.config })
      await service.parts[0]?.prepare()
      await service.parts[0]?.open()
    },
  }
  await desk.boot()
  exchange.quote(swap, 99.9, 100)
  return desk
}
