import type { AccountState, CancelTask } from '@barfinex/core'
import type { Context } from './context.js'

/** Tells a person why nothing is opened while the worth of something that is held is not known. */
export interface UnpricedWatch {
  learnAccount(account: AccountState): void
  stop(): void
}

/** Prices come with the first messages of a market; what has none for so long may have none for long. */
const patienceMs = 30_000

/** One incident for each set of assets that stays without a price. */
export function createUnpricedWatch({ outbox, runtime }: Pick<Context, 'outbox' | 'runtime'>): UnpricedWatch {
  const { clock } = runtime
  let missing = ''
  let timer: CancelTask | null = null

  function stop(): void {
    timer?.()
    timer = null
  }

  return {
    learnAccount({ unpriced }) {
      const now = unpriced?.join(', ') ?? ''
      if (now === missing) return
      missing = now
      stop()
      if (now === '') return
      timer = clock.schedule(clock.now() + patienceMs, () => {
        const message = `${now} is held and has no price: what the account is worth is not known, and nothing is opened. Exits go on. Take it off the symbols, or off the account.`
        outbox.incident(
          'critical',
          { code: 'inspector.equity.unpriced', message: message.slice(0, 500) },
          null,
          undefined,
        )
      })
    },
    stop,
  }
}
