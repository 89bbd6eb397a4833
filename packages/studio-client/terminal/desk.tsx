import type { SessionReply } from '@barfinex/core/browser'
import { Equity } from './account/equity.js'
import { Orders } from './account/orders.js'
import { Positions } from './account/positions.js'
import { ChartPanel } from './chart/chart-panel.js'
import { Incidents } from './desk/incidents.js'
import { Services } from './desk/services.js'
import { Funnel } from './funnel.js'
import { Decisions } from './pipeline/decisions.js'
import { Signals } from './pipeline/signals.js'
import { Verdicts } from './pipeline/verdicts.js'
import { StaleBanner } from './stale-banner.js'
import { useStatus } from './studio-store.js'
import { TopBar } from './top-bar.js'

/** One screen: market and pipeline on the left, account and desk on the right. */
export function Desk(props: {
  readonly onSession: (session: SessionReply) => void
  readonly onEnd: (why: string | null) => void
  readonly onWhy: (id: string) => void
}) {
  const { state } = useStatus()
  return (
    <div className="desk" data-state={state}>
      <TopBar {...props} />
      <StaleBanner />
      <Funnel />
      <main className="panels">
        <ChartPanel />
        <div className="pipeline">
          <Signals />
          <Decisions />
          <Verdicts />
        </div>
        <div className="side">
          <Equity />
          <Positions />
          <Orders />
          <Incidents />
          <Services />
        </div>
      </main>
    </div>
  )
}
