import { entropy } from '../runtime/entropy.js'
import { BarfinexError } from '../runtime/error.js'
import { createLog } from '../runtime/log.js'
import { createWallTimer } from '../runtime/wall-timer.js'
import type { Lease, Leases } from '../service/lease.js'
import { connect, open, plainCause } from './connection.js'
import { callFunction } from './function-call.js'
import { keysOf, namePart } from './keys.js'
import { parseRedisLeasesOptions, type RedisLeasesOptions } from './options.js'
import { loadLibrary } from './server-library.js'

/** Leases of several processes, on one Redis server. */
export interface RedisLeases extends Leases {
  /**
   * As {@link Leases.acquire}. `aboveEpoch` is the highest number this holder has seen elsewhere, in its journal: the lease's is
   * higher, also on a server that has lost its memory.
   */
  acquire(name: string, options?: { readonly abortSignal?: AbortSignal; readonly aboveEpoch?: number }): Promise<Lease>
  /** Gives all leases back. */
  close(): Promise<void>
}

/** A lease that is held here. */
interface Held {
  readonly name: string
  readonly epoch: number
  until: number
  isOver: boolean
  loss: BarfinexError | null
  readonly listeners: Set<(error: BarfinexError) => void>
  cancelRenewal: () => void
}

/**
 * Leases with fencing numbers. A lease is renewed at a third of its time; `isHeld` judges by a clock of this process that does not
 * leap, from the moment before the renewal was asked for, so it ends here before it can end on the server. While the server is
 * away the lease is held until its time is over, and then lost.
 *
 * Rejects with `bus.unavailable` when the server cannot be reached.
 *
 * @example
 * const leases = await createRedisLeases({ url: 'redis://127.0.0.1:6379', member: 'inspector@main' })
 * const lease = await leases.acquire('inspector@binance')
 * lease.epoch // => 1
 */
export async function createRedisLeases(options: RedisLeasesOptions): Promise<RedisLeases> {
  const { settings, parts } = parseRedisLeasesOptions(options)
  const { url, member, leaseMs, commandTimeoutMs } = settings
  const timer = parts.timer ?? createWallTimer()
  const log = parts.log ?? createLog()
  const keys = keysOf(settings.namespace)
  // A process that comes after this one under the same name is another holder.
  const holder = `${member}:${settings.holder ?? Buffer.from(entropy(8)).toString('hex')}`
  const redis = connect({ url, name: `barfinex:${member}:leases`, commandTimeoutMs, log })
  const held = new Set<Held>()
  let isClosed = false
  await open(redis, url)
  try {
    await loadLibrary(redis)
  } catch (error) {
    redis.disconnect()
    const cause = plainCause(error)
    throw new BarfinexError('bus.unavailable', 'Redis is there and does not serve. Read `cause`.', { cause })
  }
  redis.on('ready', () => void loadLibrary(redis).catch(() => redis.disconnect(true)))

  function lose(lease: Held): void {
    if (lease.isOver) return
    lease.isOver = true
    lease.cancelRenewal()
    held.delete(lease)
    const loss = new BarfinexError('lease.lost', `The lease "${lease.name}" was lost. Stop acting, and start anew.`, {
      details: { name: lease.name, epoch: lease.epoch },
    })
    lease.loss = loss
    for (const listener of lease.listeners) tell(listener, loss)
  }

  function tell(listener: (error: BarfinexError) => void, loss: BarfinexError): void {
    try {
      listener(loss)
    } catch (error) {
      log.error('a listener of a lost lease failed', { error })
    }
  }

  async function renew(lease: Held): Promise<void> {
    if (lease.isOver) return
    const asked = timer.now()
    if (asked >= lease.until) return lose(lease)
    try {
      const isOurs = (await callFunction(redis, 'renew', [keys.lease(lease.name)], [holder, leaseMs])) === 1
      if (!isOurs) return lose(lease)
      lease.until = asked + leaseMs
    } catch (error) {
      log.warn('a lease could not be renewed', { name: lease.name, error })
      if (timer.now() >= lease.until) lose(lease)
      else if (redis.status === 'ready') redis.disconnect(true)
    }
  }

  function hold(name: string, epoch: number, until: number): Lease {
    const lease: Held = { name, epoch, until, isOver: false, loss: null, listeners: new Set(), cancelRenewal: () => {} }
    lease.cancelRenewal = timer.every(Math.max(1, Math.floor(leaseMs / 3)), () => void renew(lease))
    held.add(lease)
    return {
      name,
      epoch,
      isHeld() {
        if (!lease.isOver && timer.now() >= lease.until) lose(lease)
        return !lease.isOver
      },
      onLost(listener) {
        if (lease.loss === null) lease.listeners.add(listener)
        else tell(listener, lease.loss)
      },
      release: () => release(lease),
    }
  }

  async function release(lease: Held): Promise<void> {
    if (lease.isOver) return
    lease.isOver = true
    lease.cancelRenewal()
    held.delete(lease)
    // A server that is away forgets it by itself.
    await callFunction(redis, 'leave', [keys.lease(lease.name)], [holder]).catch(() => {})
  }

  return {
    async acquire(name, { abortSignal, aboveEpoch = 0 } = {}) {
      if (isClosed) throw new BarfinexError('bus.closed', 'These leases are closed. Make new ones.')
      abortSignal?.throwIfAborted()
      if (!namePart.safeParse(name).success || !Number.isSafeInteger(aboveEpoch) || aboveEpoch < 0) {
        const message = `A lease needs a name of letters, digits and _ . @ / -, and a count as aboveEpoch, not "${name}" and ${aboveEpoch}.`
        throw new BarfinexError('options.invalid', message)
      }
      // The server takes the same holder twice: its answer to the first time may have been lost.
      if ([...held].some((it) => it.name === name)) throw taken(name, member)
      const asked = timer.now()
      const args = [holder, leaseMs, aboveEpoch]
      const reply = await callFunction(redis, 'take', [keys.lease(name), keys.fence(name)], args).catch(unavailable)
      const [epoch, by] = reply as [number, unknown]
      if (epoch === 0) {
        throw taken(name, String(by).split(':')[0] ?? '')
      }
      const lease = hold(name, Number(epoch), asked + leaseMs)
      if (!abortSignal?.aborted) return lease
      await lease.release()
      throw abortSignal.reason
    },
    async highestEpoch(name) {
      const given = await redis.get(keys.fence(name)).catch(unavailable)
      return Number(given ?? 0)
    },
    async close() {
      isClosed = true
      await Promise.all([...held].map(release))
      redis.disconnect()
    },
  }
}

function taken(name: string, holder: string): BarfinexError {
  const message = `"${name}" is held by ${holder}. Stop it, or wait until its lease is over.`
  return new BarfinexError('lease.taken', message, { retryable: true, details: { name, holder } })
}

function unavailable(error: unknown): never {
  const cause = plainCause(error)
  const message = cause.message.startsWith('NOPERM')
    ? 'Redis does not let this user take or read that lease. Mend the access list: daemon.redis.namespace must be the one that `barfinex redis DIR --namespace` was called with.'
    : /Function not found/i.test(cause.message)
      ? 'The functions of the bus are not loaded yet: the first Inspector loads them.'
      : 'Redis is away: no lease can be had or read. Start it again.'
  throw new BarfinexError('bus.unavailable', message, { retryable: true, cause })
}
