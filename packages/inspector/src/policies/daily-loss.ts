import { amountQuote, limitAmount, measuredText } from '../limit-amount.js'
import { type Alarm, definePolicy, type Failure, type SituationPolicy } from '../policy.js'
import type { RiskView } from '../situation.js'
import { nextUtcDay } from '../utc-day.js'

export interface BreachOptions {
  /** What a breach leads to, beside the denial: no new risk (default), or leaving every position as well. */
  readonly onBreach?: 'standDown' | 'closeAll'
}

/**
 * Limits what one day may lose, open positions at last prices included: an amount of the quote asset, or a share of the equity
 * at 00:00 UTC. A breach stands down until the next 00:00 UTC. Code `inspector.policy.daily-loss`.
 *
 * @example
 * dailyLoss('2%', { onBreach: 'closeAll' })
 */
export function dailyLoss(limit: string, options: BreachOptions = {}): SituationPolicy {
  const amount = limitAmount(limit, 'dailyLoss')
  const type: Alarm['type'] = options.onBreach ?? 'standDown'

  function breach(risk: RiskView): Failure | null {
    const { equityQuote, dayStartEquityQuote } = risk
    if (equityQuote === null || dayStartEquityQuote === null) throw new Error('the equity of the day is not known')
    const most = amountQuote(amount, dayStartEquityQuote, 'Equity at 00:00 UTC').toNumber()
    const loss = dayStartEquityQuote - equityQuote
    if (!Number.isFinite(loss)) throw new Error(`the loss of the day is ${loss}`)
    if (loss < most) return null
    const message = `The day has lost ${measuredText(loss)} of at most ${measuredText(most)}.`
    return { limit: measuredText(most), observed: measuredText(loss), message }
  }

  return definePolicy({
    code: 'inspector.policy.daily-loss',
    judges: 'situation',
    check: ({ risk }) => breach(risk),
    watch({ risk, now }) {
      const isKnown = risk.dayStartEquityQuote !== null && risk.equityQuote !== null
      const failure = isKnown ? breach(risk) : null
      return failure === null ? null : { ...failure, type, until: nextUtcDay(now) }
    },
  })
}
