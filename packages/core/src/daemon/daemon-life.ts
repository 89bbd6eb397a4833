import type { Bus } from '../bus/bus.js'
import type { ApprovalAuthority } from '../model/approval.js'
import { BarfinexError } from '../runtime/error.js'
import type { Log } from '../runtime/log.js'
import type { ProcessHost } from '../runtime/process-host.js'
import { createWallTimer } from '../runtime/wall-timer.js'
import { defineDesk } from '../service/define-desk.js'
import type { Lease, LeaseRecord } from '../service/lease.js'
import type { Service } from '../service/service.js'
import { withBackOff } from './back-off.js'
import { watchBus } from './bus-watch.js'
import { carryNothing } from './carry.js'
import { healthOf } from './daemon-health.js'
import { DaemonJournal, leaseLost } from './daemon-journal.js'
import type { DaemonPlan } from './daemon-plan.js'
import { daemonExit, exitCodeOf } from './exit-codes.js'
import { ownerOf } from './journal-owner.js'
import { openProbe } from './probe-server.js'
import { type ProviderWatch, watchProvider } from './provider-watch.js'
import type { DaemonSettings } from './read-settings.js'
import { flushed, sendAgain } from './send-again.js'
import { takeOverHistory } from './take-over-history.js'
import { writeAheadBus } from './write-ahead-bus.js'

const groupLeaseMs = 1_000
const faultLookMs = 200
/** So often it is said what a daemon still waits for. */
const waitingWordMs = 5_000

/** Why a life ends. */
type End = { readonly type: 'asked' } | { readonly type: 'fault'; readonly error: unknown }

export type Phase = 'connecting' | 'waiting' | 'starting' | 'running' | 'draining'

/** What has come up so far. */
export interface Parts {
  phase: Phase
  journal: DaemonJournal | null
  lease: Lease | null
  bus: Bus | null
  watch: ProviderWatch | null
  service: Service | null
}

/**
 * One life of a daemon: journal, lease, bus, waiting for Provider, the service itself, and back. Whatever was opened is closed again,
 * in the other order, however it ends.
 */
export class DaemonLife {
  private readonly parts: Parts = {
    phase: 'connecting',
    journal: null,
    lease: null,
    bus: null,
    watch: null,
    service: null,
  }
  private readonly stopping = new AbortController()
  private readonly timer = createWallTimer()
  private readonly ended: Promise<End>
  private end: (how: End) => void = () => {}
  private readonly closing: (() => Promise<void> | void)[] = []

  constructor(
    private readonly plan: DaemonPlan,
    private readonly settings: DaemonSettings,
    private readonly approvals: ApprovalAuthority,
    private readonly log: Log,
    private readonly host: ProcessHost,
  ) {
    this.ended = new Promise((resolve) => {
      this.end = (how) => {
        resolve(how)
        this.stopping.abort(how.type === 'fault' ? how.error : asked())
      }
    })
  }

  /** Lives until it is asked to end or cannot go on. Returns the exit code; throws what kept it from starting. */
  async live(): Promise<number> {
    const deafen = this.listen()
    try {
      const stop = await this.rise()
      const end = await this.ended
      this.parts.phase = 'draining'
      if (end.type === 'fault') throw end.error
      this.log.info('draining')
      await this.inTime(stop())
      return daemonExit.drained
    } catch (error) {
      if (isAsked(error)) return daemonExit.drained
      if (BarfinexError.is(error, 'lease.lost')) this.log.error(error.message, { code: error.code })
      throw error
    } finally {
      // Whatever hangs while it is closed must not keep a process that is to end.
      await this.inTime(this.close()).catch((error: unknown) => this.log.error('could not close cleanly', { error }))
      deafen()
    }
  }

  /** Comes up step by step; resolves with how to wind the service down. */
  private async rise(): Promise<() => Promise<void>> {
    const { plan, settings, parts, log } = this
    const { daemon } = settings
    if (daemon.probe !== undefined) {
      const probe = await openProbe(daemon.probe.host, daemon.probe.port, () => healthOf(plan, settings, parts))
      this.closing.push(() => probe.close())
      log.info('probes', { live: `${probe.url}/live`, ready: `${probe.url}/ready`, health: `${probe.url}/health` })
    }
    this.closing.push(this.timer.every(waitingWordMs, () => this.sayWhatIsMissing()))
    const { directory, fsync } = daemon.journal
    const journal = await DaemonJournal.open({
      directory,
      fsync,
      sources: new Set([plan.service, ...(plan.sources ?? [])]),
      carry: plan.carry ?? carryNothing,
      onTrouble: (what, error) => log.warn(what, error === undefined ? {} : { error }),
    })
    this.closing.push(() => journal.close())
    const { tornBytes } = journal.file.repair
    if (tornBytes > 0) log.warn('cut off a torn end of the journal', { bytes: tornBytes })
    parts.journal = journal
    const { lease, leases } = await this.takeLease(directory, journal)
    journal.guardBy(lease)
    // What cannot be written must not be acted upon, and who does not act must not look alive.
    this.closing.push(
      this.timer.every(faultLookMs, () => {
        if (journal.fault !== null) this.end({ type: 'fault', error: journal.fault })
      }),
    )
    const bus = await this.openBus(lease.epoch, journal)
    const saidAgain = await sendAgain(bus, journal.lastWritten)
    // A number that was left out was another one's: what it did is not in this journal.
    if (plan.isPerAccount && lease.epoch !== journal.highestEpoch + 1) await takeOverHistory(bus, journal)
    log.info('on the bus', { epoch: lease.epoch, journalled: journal.count, saidAgain })
    if (plan.service !== 'provider') await this.waitForProvider(bus)
    parts.phase = 'starting'
    const desk = defineDesk((runtime) => {
      parts.service = plan.create(runtime, settings.options, settings.account)
      return { [plan.service]: parts.service }
    })
    const { stop } = await desk.start({
      bus: writeAheadBus(bus, journal),
      journal,
      seed: `${lease.name}.${lease.epoch}`,
      log,
      approvals: this.approvals,
      epoch: lease.epoch,
      leases,
      heartbeatMs: daemon.heartbeatMs,
    })
    journal.recalled()
    parts.phase = 'running'
    this.endWhenFailed(parts.service)
    log.info('running', { state: parts.service?.status().state })
    return async () => {
      await stop()
      await flushed(bus)
    }
  }

  private sayWhatIsMissing(): void {
    const { plan, settings, parts, log } = this
    if (parts.phase === 'draining') return
    const { ready, reasons } = healthOf(plan, settings, parts)
    if (!ready) log.info('waiting', { for: reasons.map(({ code, message }) => `${code}: ${message}`).join(' ') })
  }

  /** A service that has failed for good (an Inspector that was replaced) does nothing more: its supervisor starts a new one. */
  private endWhenFailed(service: Service | null): void {
    const listening = service?.status$.subscribe(({ state, code, message }) => {
      if (state !== 'failed') return
      this.end({ type: 'fault', error: new BarfinexError('lease.lost', `${code}: ${message}`) })
    })
    this.closing.push(() => listening?.unsubscribe())
  }

  private async takeLease(
    directory: string,
    journal: DaemonJournal,
  ): Promise<{ readonly lease: Lease; readonly leases: LeaseRecord }> {
    const { plan, settings, parts } = this
    const { daemon, account } = settings
    const { createRedisLeases } = await import('../redis/redis-leases.js')
    const leases = await this.withBus(() =>
      createRedisLeases({
        url: settings.redisUrl,
        namespace: daemon.redis.namespace,
        member: `${plan.service}@${daemon.instance}`,
        holder: ownerOf(directory, this.host.machine),
        leaseMs: daemon.leaseMs,
        log: this.log,
      }),
    )
    this.closing.push(() => leases.close())
    const abortSignal = this.stopping.signal
    const name = `${plan.service}@${plan.isPerAccount && account !== null ? account : daemon.instance}`
    const lease = await this.withBus(() => leases.acquire(name, { abortSignal, aboveEpoch: journal.highestEpoch }))
    this.closing.push(() => lease.release())
    lease.onLost(() => this.end({ type: 'fault', error: leaseLost(lease) }))
    parts.lease = lease
    return { lease, leases }
  }

  private async openBus(epoch: number, journal: DaemonJournal): Promise<Bus> {
    const { plan, settings, parts } = this
    const { daemon } = settings
    const { createRedisBus } = await import('../redis/redis-bus.js')
    const bus = await this.withBus(() =>
      createRedisBus({
        url: settings.redisUrl,
        namespace: daemon.redis.namespace,
        member: `${plan.service}@${daemon.instance}.${epoch}`,
        log: this.log,
        // Its own lease sees to it that there is one of this daemon: the one for its groups is to be free soon after a crash.
        leaseMs: groupLeaseMs,
        beforeSend: () => journal.flush(),
        onAlarm: ({ kind, message }) => {
          if (kind !== 'memory-lost') return
          const error = new BarfinexError('bus.memory-lost', `${message} This daemon ends; started again it does so.`)
          this.end({ type: 'fault', error })
        },
      }),
    )
    this.closing.push(() => bus.close())
    this.closing.push(
      this.timer.every(
        faultLookMs,
        watchBus(bus, this.log, () => this.timer.now()),
      ),
    )
    parts.bus = bus
    return bus
  }

  private async waitForProvider(bus: Bus): Promise<void> {
    const { parts, log, stopping } = this
    const watch = watchProvider(bus)
    parts.watch = watch
    this.closing.push(() => watch.stop())
    parts.phase = 'waiting'
    if (!watch.isThere) log.info('waiting for Provider')
    await watch.arrived(stopping.signal)
  }

  /** Tries until the bus is there. */
  private withBus<Result>(attempt: () => Promise<Result>): Promise<Result> {
    return withBackOff(attempt, {
      abortSignal: this.stopping.signal,
      onWait: (error, waitMs) => this.log.warn('waiting for the bus', { error, waitMs }),
    })
  }

  private listen(): () => void {
    const { host, log } = this
    let isAsked = false
    const deafen = [
      host.onStop((signal) => {
        if (isAsked) host.exit(daemonExit.interrupted)
        isAsked = true
        log.info('asked to end; once more to leave at once', { signal })
        this.end({ type: 'asked' })
      }),
      host.onFault((error) => this.break(error)),
    ]
    return () => {
      for (const act of deafen) act()
    }
  }

  /**
   * Something nobody caught: what this process believes can no longer be trusted. What is written stays written, nothing more is
   * opened, and the process ends at once; its supervisor starts it again, and it takes up what the journal says.
   */
  private break(error: unknown): void {
    this.log.error('an error that nobody caught; leaving', {
      error,
      stack: error instanceof Error ? error.stack : undefined,
    })
    this.parts.journal?.flush()?.catch(() => {})
    // What it was ending for already is what it ends for.
    const { aborted, reason } = this.stopping.signal
    this.host.exit(exitCodeOf(aborted && !isAsked(reason) ? reason : error))
  }

  private async close(): Promise<void> {
    for (const act of this.closing.reverse()) {
      try {
        await act()
      } catch (error) {
        this.log.error('could not close cleanly', { error })
      }
    }
  }

  private async inTime(work: Promise<void>): Promise<void> {
    const { drainMs } = this.settings.daemon
    let cancel = () => {}
    const late = new Promise<void>((_, reject) => {
      cancel = this.timer.after(drainMs, () => reject(new Error(`It took longer than ${drainMs} ms to end.`)))
    })
    await Promise.race([work, late]).finally(() => cancel())
  }
}

const endRequest = Symbol('asked to end')

function asked(): Error & { readonly [endRequest]: true } {
  return Object.assign(new Error('Asked to end.'), { [endRequest]: true as const })
}

function isAsked(error: unknown): boolean {
  return error instanceof Error && endRequest in error
}
