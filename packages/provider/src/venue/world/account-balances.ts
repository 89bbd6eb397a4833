import type { MatchingEngine } from '../../exchanges/matching/matching-engine.js'
import type { AccountRecords, AssetBalance } from './account-records.js'
import { padded } from './amount.js'

/** Balances of accounts: what they are, and which of them their owner has not been told yet. */
export class AccountBalances {
  private readonly told = new Map<string, Map<string, string>>()

  constructor(private readonly engine: MatchingEngine) {}

  now(accountId: string): readonly AssetBalance[] {
    return this.engine.snapshot(accountId, 0).balances.map(({ asset, free, locked, total }) => ({
      asset,
      free: padded(free),
      locked: padded(locked),
      total: padded(total),
    }))
  }

  /** Lets the reads see the present balances, after their lag. */
  record(records: AccountRecords): void {
    records.balances.push(this.now(records.id), records.visibleFrom())
  }

  /** Assets of which free or locked has changed since they were last taken, and those named whether or not they have. */
  takeChanged(accountId: string, named: readonly string[] = []): readonly AssetBalance[] {
    const told = this.told.get(accountId) ?? new Map<string, string>()
    this.told.set(accountId, told)
    return this.now(accountId).filter((it) => {
      const text = `${it.free}/${it.locked}`
      const isNew = told.get(it.asset) !== text
      told.set(it.asset, text)
      return isNew || named.includes(it.asset)
    })
  }
}
