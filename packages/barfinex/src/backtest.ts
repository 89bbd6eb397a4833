import { BarfinexError, createMemoryJournal, type Desk } from '@barfinex/core'
import { type ExchangeFactory, paper } from '@barfinex/provider'
import type { DeskServices } from './run/default-desk.js'
import { type RunOptions, type RunResult, runDesk } from './run/run-desk.js'

export interface BacktestOptions extends Omit<Partial<RunOptions>, 'substitutes' | 'speed'> {
  /** Path of a recorded market, or an exchange that plays one. */
  readonly tape: string | ExchangeFactory
}

/**
 * Runs a desk over a recorded market, as fast as it goes: the same code as live, with the exchange replaced and a clock that
 * jumps. Whatever exchange the desk describes is never created.
 *
 * @example
 * const result = await backtest(defaultDesk({ exchange: paper() }), { tape: 'btc-1m.csv' })
 * console.log(result.fills, result.equity, result.journalHash)
 */
export async function backtest(desk: Desk<DeskServices>, options: BacktestOptions): Promise<RunResult> {
  const { tape, ...rest } = options
  const exchange = typeof tape === 'string' ? paper({ tape }) : tape
  return runDesk(desk, {
    journal: createMemoryJournal(),
    ...rest,
    startAt: options.startAt ?? (await startOf(exchange)),
    substitutes: { exchange },
  })
}

/** First instant of a recorded or generated market. */
export async function startOf(exchange: ExchangeFactory): Promise<number> {
  const opened = await exchange.create()
  try {
    if (opened.startsAt !== null) return opened.startsAt
    throw new BarfinexError('exchange.not-supported', `${exchange.id} has no recorded market. Give a tape.`)
  } finally {
    await opened.close()
  }
}
