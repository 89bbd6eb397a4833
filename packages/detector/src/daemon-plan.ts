import { BarfinexError } from '@barfinex/core'
import type { DaemonPlan, GivenOptions } from '@barfinex/core/daemon'
import { createService, type DetectorOptions, detectorOptions } from './service.js'
import { bandReversion } from './strategies/band-reversion.js'
import { channelBreakout } from './strategies/channel-breakout.js'
import { emaPullback } from './strategies/ema-pullback.js'

const ready = [emaPullback, bandReversion, channelBreakout]

/** Detector as a daemon. A file names ready strategies (`"ema-pullback"`) or holds whole ones: they are data. */
export const daemonPlan: DaemonPlan = {
  service: 'detector',
  help: 'looks for signals in closed candles',
  options: detectorOptions,
  approvals: 'none',
  isPerAccount: false,
  read: (given) => ({ ...given, strategies: strategiesOf(given) }),
  create: (runtime, given) => createService({ ...(given as Omit<DetectorOptions, 'bus'>), ...runtime }),
}

function strategiesOf({ strategies }: GivenOptions): unknown {
  if (!Array.isArray(strategies)) return strategies
  return strategies.map((it: unknown) => {
    if (typeof it !== 'string') return it
    const found = ready.find(({ id }) => id === it)
    if (found !== undefined) return found
    const known = ready.map(({ id }) => id).join(', ')
    throw new BarfinexError('options.invalid', `detector: there is no strategy "${it}". Ready ones: ${known}.`)
  })
}
