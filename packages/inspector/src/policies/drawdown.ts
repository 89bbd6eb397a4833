import { BarfinexError } from '@barfinex/core'
import { known, limitAmount } from '../limit-amount.js'
import { type Alarm, definePolicy, type Failure, type SituationPolicy } from '../policy.js'
import type { RiskView } from '../situation.js'
import type { BreachOptions } from './daily-loss.js'

/**
 * Limits the fall from the highest equity seen, open positions at last prices included, as a share of that peak. A breach stands
 * down until a named operator resumes, which also begins a new peak at the equity of that moment.
 * Code `inspector.policy.drawdown`; limit and observed are shares.
 *
 * @example
 * drawdown('10%')
 */
export function drawdown(limit: string, options: BreachOptions = {}): SituationPolicy {
  const amount = limitAmount(limit, 'drawdown')
  const most = amount.value.toNumber()
  const type: Alarm['type'] = options.onBreach ?? 'standDown'
  if (amount.type !== 'share' || most > 1) {
    throw new BarfinexError('options.invalid', `drawdown: "${limit}" is no share of the peak. Write "10%".`)
  }

  function breach({ equityQuote, peakEquityQuote }: RiskView): Failure | null {
    const peak = known(peakEquityQuote, 'The highest equity').toNumber()
    if (equityQuote === null || !Number.isFinite(equityQuote)) throw new Error(`the equity is ${equityQuote}`)
    // Compared as amounts: a share computed by division could fall a hair short of its own limit.
    if (peak - equityQuote < peak * most) return null
    const fall = (peak - equityQuote) / peak
    const message = `Equity is ${percent(fall)} below its peak; at most ${percent(most)} are allowed.`
    return { limit: most, observed: rounded(fall), message }
  }

  return definePolicy({
    code: 'inspector.policy.drawdown',
    judges: 'situation',
    check: ({ risk }) => breach(risk),
    watch({ risk }) {
      const failure = risk.peakEquityQuote === null || risk.equityQuote === null ? null : breach(risk)
      return failure === null ? null : { ...failure, type, until: null }
    },
  })
}

const rounded = (share: number): number => Math.round(share * 1e6) / 1e6

const percent = (share: number): string => `${rounded(share * 100)} %`
