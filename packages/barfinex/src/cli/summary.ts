import type { RunResult } from '../run/run-desk.js'
import type { Tally } from '../run/tally.js'

/** A run's result for people. */
export function describeRun(result: RunResult): string {
  const { invariants } = result
  const rows: readonly (readonly [string, string])[] = [
    ['market time', `${instant(result.from)} to ${instant(result.to)}`],
    [
      'candles',
      `${result.candles} (${Object.entries(result.candlesByTimeframe)
        .map(([frame, count]) => `${frame}: ${count}`)
        .join(', ')})`,
    ],
    ['trades', String(result.trades)],
    ['evaluations', String(result.evaluations)],
    ['signals', String(result.signals)],
    ['decisions', `${result.decisions}, of them ${result.intents} intents`],
    ['verdicts', `${result.approved} approved, ${result.denied} denied`],
    ['orders', `${result.orders}, ${result.fills} fills`],
    ['positions', `${result.positions} opened, ${result.openPositions} open, ${result.outcomes} trades ended`],
    ['equity', `${result.equity} ${result.quoteAsset}`],
    ['incidents', String(result.incidents)],
    [
      'invariants',
      Object.entries(invariants)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    ],
    [
      'journal hash',
      /^0+$/.test(result.journalHash) ? 'none: there were no commands and no facts' : result.journalHash,
    ],
    ['wall time', `${(result.wallMs / 1_000).toFixed(1)} s`],
  ]
  return rows.map(([name, value]) => `${name.padEnd(13)} ${value}`).join('\n')
}

/** One line while it runs. */
export function describeProgress(at: number, tally: Tally, equity: string): string {
  const { candles, signals, decisions, approved, denied, fills, openPositions } = tally
  return `${instant(at)}  candles ${candles}  signals ${signals}  decisions ${decisions}  approved ${approved}  denied ${denied}  fills ${fills}  open ${openPositions}  equity ${Number(equity).toFixed(2)}`
}

export function instant(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, 19)
}
