import { type Bus, type CancelTask, type Cause, flow, type OperatorCommand, type Unsubscribe } from '@barfinex/core'
import { operatorActs, type RememberedAct, takenOver } from './operator-acts.js'
import { type Goal, goalOf, Retreat, type RetreatOptions } from './retreat.js'
import { isBusFull } from './telling.js'

export interface LastResortOptions extends RetreatOptions {
  readonly bus: Bus
  /** Working entries are taken back when no Inspector has been healthy for so long, in milliseconds; `null` for never. */
  readonly deadManMs: number | null
}

/** A command that an Inspector should obey: Provider looks again whether that Inspector is still there. */
interface Awaited {
  readonly command: OperatorCommand
  readonly cause: Cause | null
  readonly settled: Set<string>
}

/** How often, while an Inspector looks healthy, a command is looked at again, in milliseconds. */
const lookEveryMs = 1_000
const rememberedCommands = 1_000
/** A command taken over before a restart is finished until so long after its expiry; what is older a person has seen to. */
const resumeWithinMs = 3_600_000

/**
 * What Provider does without an approval, and only while there is no healthy Inspector to ask: cancel orders and reduce positions
 * by its own ledger, because an operator says so or because nobody watches the entries any more. Each act is an incident
 * in the journal; opening or enlarging a position is impossible here.
 */
export class LastResort {
  private readonly retreat: Retreat
  private readonly awaited = new Map<string, Awaited>()
  /** Ids of commands that were heard, or taken over. */
  private readonly heard = new Set<string>()
  private readonly taken = new Set<string>()
  private unsubscribe: Unsubscribe | null = null
  private deadMan: CancelTask | null = null
  private isStopped = false

  constructor(private readonly options: LastResortOptions) {
    this.retreat = new Retreat(options)
  }

  /** Begins to listen, and finishes what a journal says was ordered before this start. */
  start(past: readonly RememberedAct[] = []): void {
    const { bus, exchange, clock, inspector } = this.options
    const now = clock.now()
    for (const { command, cause, takenAt, settled } of past) {
      if (takenAt === null) this.wait({ command, cause, settled }, inspector.graceMs)
      else if (now < command.expiresAt + resumeWithinMs) {
        keep(this.taken, command.commandId)
        const goal = goalOf(command, cause, takenAt, settled)
        if (this.retreat.isOpen(goal)) this.retreat.begin(goal)
      }
    }
    this.watchEntries()
    this.unsubscribe = bus.subscribe(flow.operatorCommand, (it) => this.hear(it.payload, it), {
      group: 'provider.last-resort',
      keys: [exchange.account],
    })
  }

  stop(): void {
    this.isStopped = true
    this.unsubscribe?.()
    this.deadMan?.()
    this.deadMan = null
    this.awaited.clear()
    this.retreat.stop()
  }

  /** An entry is about to be sent: from here on somebody must watch. */
  entering(symbol: string): void {
    for (const it of this.awaited.values()) this.retreat.settle(it, symbol)
    this.retreat.entering(symbol)
    this.planDeadMan()
  }

  /**
   * A person's command by the gateway, which may not come over the bus: with the bus away no Inspector can hear it, and it must not
   * wait for that. What Inspector does later comes on top and is harmless: what is canceled or left already is not done twice.
   */
  obeyAlone(command: OperatorCommand, cause: Cause | null, isAway: boolean): void {
    const { clock, exchange } = this.options
    if (command.account !== exchange.account) return
    if (!isAway || !operatorActs.has(command.type)) this.hear(command, cause)
    else if (clock.now() < command.expiresAt) {
      keep(this.heard, command.commandId)
      this.carryOut({ command, cause, settled: new Set() }, 'the bus is away')
    }
  }

  private hear(command: OperatorCommand, cause: Cause | null): void {
    const { commandId, type } = command
    if (this.heard.has(commandId)) return
    keep(this.heard, commandId)
    // A person who lets trading go on has done with what was ordered before.
    if (type === 'resume') this.release(command.issuedAt)
    if (operatorActs.has(type)) this.look({ command, cause, settled: new Set() }, true)
  }

  private release(until: number): void {
    for (const [id, { command }] of this.awaited) if (command.issuedAt <= until) this.awaited.delete(id)
    this.retreat.release(until)
  }

  /** Leaves the command to an Inspector as long as one is there; an Inspector that has just died still looks healthy for a while. */
  private look(it: Awaited, isFirst: boolean): void {
    const { clock, inspector } = this.options
    const { command, cause, settled } = it
    if (clock.now() >= command.expiresAt) return
    if (inspector.isHealthy) this.wait(it, lookEveryMs)
    else if (isFirst || this.retreat.isOpen(goalOf(command, cause, clock.now(), settled))) {
      this.carryOut(it, 'no Inspector is healthy')
    }
  }

  private wait(it: Awaited, afterMs: number): void {
    const { clock } = this.options
    const { commandId, expiresAt } = it.command
    if (clock.now() >= expiresAt) return
    keep(this.heard, commandId)
    this.awaited.set(commandId, it)
    // The last look comes just before the command is void.
    clock.schedule(Math.min(clock.now() + afterMs, Math.max(clock.now() + 1, expiresAt - 1)), () => {
      if (this.isStopped || this.awaited.get(commandId) !== it) return
      this.awaited.delete(commandId)
      this.look(it, false)
    })
  }

  private carryOut({ command, cause, settled }: Awaited, why: string): void {
    const { commandId, type, by } = command
    if (this.taken.has(commandId)) return
    keep(this.taken, commandId)
    this.awaited.delete(commandId)
    const message = `${type} by ${by}, done by Provider because ${why}.`
    this.act(takenOver, message, goalOf(command, cause, this.options.clock.now(), settled))
  }

  /** Said first, then done; done also when it cannot be said, because the bus takes nothing more. */
  private act(code: string, message: string, goal: Goal): void {
    const { incidents, log } = this.options
    try {
      incidents.raise('critical', { code, message }, [goal.id], null, goal.cause ?? undefined)
    } catch (error) {
      if (!isBusFull(error)) throw error
      log.error(message, { code, error })
    }
    this.retreat.begin(goal)
  }

  private watchEntries(): void {
    if (this.entryCount > 0) this.planDeadMan()
  }

  private get entryCount(): number {
    return this.options.ledger.openOrders.filter(({ order }) => order.purpose === 'entry').length
  }

  /** Looks at the very instant at which nobody can have watched for long enough. */
  private planDeadMan(): void {
    const { clock, deadManMs, inspector } = this.options
    if (deadManMs === null || this.deadMan !== null || this.isStopped) return
    const now = clock.now()
    const at = (inspector.lostAt ?? now) + deadManMs
    this.deadMan = clock.schedule(at > now ? at : now + lookEveryMs, () => {
      this.deadMan = null
      this.checkDeadMan(deadManMs)
      this.watchEntries()
    })
  }

  private checkDeadMan(deadManMs: number): void {
    const { clock, inspector, ledger } = this.options
    const { lostAt } = inspector
    const now = clock.now()
    if (lostAt === null || now - lostAt < deadManMs) return
    const ids = new Set(
      ledger.openOrders.filter(({ order }) => order.purpose === 'entry').map(({ order }) => order.clientOrderId),
    )
    const id = `dead-man.${lostAt}`
    if (ids.size === 0 || this.taken.has(id)) return
    keep(this.taken, id)
    this.act(
      'order.last-resort.dead-man',
      `No healthy Inspector for ${now - lostAt} ms; ${ids.size} entries are taken back.`,
      {
        id,
        cause: null,
        orderedAt: null,
        isTarget: ({ order }) => order.purpose === 'entry' && ids.has(order.clientOrderId),
        isLeft: () => false,
        settled: new Set(),
      },
    )
  }
}

function keep(ids: Set<string>, id: string): void {
  ids.add(id)
  if (ids.size > rememberedCommands) ids.delete(ids.values().next().value as string)
}
