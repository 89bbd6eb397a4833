import { createHash } from 'node:crypto'
import { VenueError } from '../venue-world.js'
import type { Operation } from './operation.js'

const lifeMs = 3_600_000

/** Names under which perpetuals stream an account's events. Spot has none any more. */
export interface ListenKeys {
  /** The account behind a key that has not expired. */
  accountOf(key: string): string | undefined
  readonly operations: readonly Operation[]
}

export function createListenKeys(now: () => number): ListenKeys {
  const byAccount = new Map<string, { readonly key: string; goodUntil: number }>()

  function extended(accountId: string): { readonly listenKey: string } {
    const key = createHash('sha256').update(`listen key/${accountId}`).digest('hex')
    byAccount.set(accountId, { key, goodUntil: now() + lifeMs })
    return { listenKey: key }
  }

  const row = (method: string, run: Operation['run']): Operation => ({
    rest: `${method} /fapi/v1/listenKey`,
    market: 'usdm',
    security: 'key',
    weight: 1,
    takes: ['listenKey'],
    run,
  })
  return {
    accountOf(key) {
      for (const [accountId, held] of byAccount) if (held.key === key && now() < held.goodUntil) return accountId
      return undefined
    },
    operations: [
      row('POST', ({ account }) => extended(account().id)),
      row('PUT', ({ account }) => {
        const held = byAccount.get(account().id)
        if (held === undefined || now() >= held.goodUntil) throw new VenueError(-1125, 'This listenKey does not exist.')
        return extended(account().id)
      }),
      row('DELETE', ({ account }) => {
        byAccount.delete(account().id)
        return {}
      }),
    ],
  }
}
