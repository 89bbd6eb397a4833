import { BarfinexError } from '@barfinex/core'
import type { Policy } from '../policy.js'
import { cooldownAfterLoss } from './cooldown-after-loss.js'
import { dailyLoss } from './daily-loss.js'
import { drawdown } from './drawdown.js'
import { duplicateIntent } from './duplicate-intent.js'
import { losingStreak } from './losing-streak.js'
import { maxOpenOrders } from './max-open-orders.js'
import { maxOpenPositions } from './max-open-positions.js'
import { maxOrderNotional } from './max-order-notional.js'
import { maxPositionNotional } from './max-position-notional.js'
import { minRewardToRisk } from './min-reward-to-risk.js'
import { noTradeWindows } from './no-trade-windows.js'
import { orderRate } from './order-rate.js'
import { portfolioExposure } from './portfolio-exposure.js'
import { priceCollar } from './price-collar.js'
import { repeatedExecution } from './repeated-execution.js'
import { staleMarketData } from './stale-market-data.js'
import { symbolAllowList } from './symbol-allow-list.js'

/** The makers check what they are given, so that a file is no easier a way in than a program. */
type Maker = (...given: never[]) => Policy

const makers: Readonly<Record<string, Maker>> = {
  cooldownAfterLoss,
  dailyLoss,
  drawdown,
  duplicateIntent,
  losingStreak,
  maxOpenOrders,
  maxOpenPositions,
  maxOrderNotional,
  maxPositionNotional,
  minRewardToRisk,
  noTradeWindows,
  orderRate,
  portfolioExposure,
  priceCollar,
  repeatedExecution,
  staleMarketData,
  symbolAllowList,
}

/**
 * A policy as a file describes it: `"duplicateIntent"`, or `{ "maxPositionNotional": "1000" }`; several arguments stand in a list
 * under `arguments`: `{ "dailyLoss": { "arguments": ["2%", { "onBreach": "closeAll" }] } }`. What is a policy already stays as it is.
 */
export function describedPolicy(given: unknown): unknown {
  if (typeof given === 'string') return makerOf(given)()
  if (typeof given !== 'object' || given === null || 'code' in given) return given
  const entries = Object.entries(given)
  const [name, argument] = entries.length === 1 ? (entries[0] as [string, unknown]) : ['', undefined]
  return makerOf(name)(...(argumentsOf(argument) as never[]))
}

function argumentsOf(argument: unknown): readonly unknown[] {
  const isList = typeof argument === 'object' && argument !== null && 'arguments' in argument
  return isList && Array.isArray(argument.arguments) ? argument.arguments : [argument]
}

function makerOf(name: string): Maker {
  const maker = Object.hasOwn(makers, name) ? makers[name] : undefined
  if (maker !== undefined) return maker
  const known = Object.keys(makers).sort().join(', ')
  throw new BarfinexError(
    'options.invalid',
    `inspector: "${name}" is no policy a file can name. Known: ${known}; others need a program as configuration.`,
  )
}
