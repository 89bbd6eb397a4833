import type { Regime } from '../regime/regime.js'

/** Wins and resolved signals. */
export interface WinCount {
  readonly wonCount: number
  readonly count: number
}

/** How each strategy's resolved signals ended: the table prior, and the hit rate that is a feature. Plain data. */
export interface TrackRecord {
  /** By strategy, then by regime. */
  readonly cells: Readonly<Record<string, Readonly<Partial<Record<Regime, WinCount>>>>>
  /** By strategy: 1 for a win, 0 for a loss, the latest {@link recentCount}, oldest first. */
  readonly recent: Readonly<Record<string, readonly number[]>>
}

export const emptyTrackRecord: TrackRecord = { cells: {}, recent: {} }

const recentCount = 30
/** Weight of the base rate in the table prior, in outcomes. */
const priorWeight = 20

/** The record after one more resolved signal. */
export function recordResult(
  record: TrackRecord,
  { strategyId, regime, won }: { readonly strategyId: string; readonly regime: Regime; readonly won: boolean },
): TrackRecord {
  const y = won ? 1 : 0
  const cell = record.cells[strategyId]?.[regime] ?? { wonCount: 0, count: 0 }
  return {
    cells: {
      ...record.cells,
      [strategyId]: {
        ...record.cells[strategyId],
        [regime]: { wonCount: cell.wonCount + y, count: cell.count + 1 },
      },
    },
    recent: { ...record.recent, [strategyId]: [...(record.recent[strategyId] ?? []), y].slice(-recentCount) },
  }
}

/** The strategy's last resolved signals, at most 30: an input of the feature vector. */
export function hitRateOf(record: TrackRecord, strategyId: string): WinCount {
  const recent = record.recent[strategyId] ?? []
  return { wonCount: recent.reduce((sum, y) => sum + y, 0), count: recent.length }
}

/**
 * P(win | strategy, regime) from the table: (20 · base + won) / (20 + count). What answers when no model can.
 *
 * Never a constant ½: before the first outcome it is the base rate.
 */
export function tablePrior(record: TrackRecord, baseRate: number, strategyId: string, regime: Regime): number {
  const { wonCount, count } = record.cells[strategyId]?.[regime] ?? { wonCount: 0, count: 0 }
  return (priorWeight * baseRate + wonCount) / (priorWeight + count)
}
