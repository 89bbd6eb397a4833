import { createWallTimer, type Runtime, type WallTimer } from '@barfinex/core'
import { BudgetLedger } from './budget.js'
import type { LlmOptions } from './llm-options.js'
import { createModelSynthesiser } from './model-synthesiser.js'
import { restoreBudget } from './restore-budget.js'
import { ruleSynthesis } from './rule-synthesis.js'
import type { Synthesiser } from './synthesis.js'

/**
 * Makes the synthesiser that the options describe. What earlier runs spent today is read from the journal, so a restart
 * does not open the purse again.
 *
 * @throws BarfinexError `advisor.cassette-invalid` when a cassette cannot be used.
 */
export async function createSynthesiser(
  options: LlmOptions,
  { clock, log, journal }: Pick<Runtime, 'clock' | 'log' | 'journal'>,
  timer: WallTimer = createWallTimer(),
): Promise<Synthesiser> {
  if (options.mode === 'off') {
    return {
      mode: 'off',
      obstacles: [],
      synthesise: async (request) => ruleSynthesis(request),
      close: async () => {},
    }
  }
  const budget = new BudgetLedger(options.budget)
  await restoreBudget(budget, journal, clock.now())
  return createModelSynthesiser({ options, budget, clock, timer, log })
}
