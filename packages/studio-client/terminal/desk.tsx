import type { SessionReply } from '@barfinex/core/browser'
import { useState } from 'react'
import { Equity } from './account/equity.js'
import { Orders } from './account/orders.js'
import { Positions } from './account/positions.js'
import { ChartPanel, ShowSymbolContext } from './chart/chart-panel.js'
import { Incidents } from './desk/incidents.js'
import { Services } from './desk/services.js'
import { FaultBoundary } from './fault-boundary.js'
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
  const [symbol, setSymbol] = useState<string | null>(null)
  return (
    <ShowSymbolContext value={setSymbol}>
      <div className="desk" data-state={state}>
        <TopBar {...props} />
        <StaleBanner />
        <Funnel />
        <main className="panels">
          <FaultBoundary name="Chart">
            <ChartPanel wanted={symbol} onSymbol={setSymbol} />
          </FaultBoundary>
          <div className="pipeline">
            <FaultBoundary name="Signals">
              <Signals />
            </FaultBoundary>
            <FaultBoundary name="Decisions">
              <Decisions />
            </FaultBoundary>
            <FaultBoundary name="Verdicts">
              <Verdicts />
            </FaultBoundary>
          </div>
          <div className="side">
            <FaultBoundary name="Equity">
              <Equity />
            </FaultBoundary>
            <FaultBoundary name="Positions">
              <Positions />
            </FaultBoundary>
            <FaultBoundary name="Orders">
              <Orders />
            </FaultBoundary>
            <FaultBoundary name="Incidents and acts">
              <Incidents />
            </FaultBoundary>
            <FaultBoundary name="Services">
              <Services />
            </FaultBoundary>
          </div>
        </main>
      </div>
    </ShowSymbolContext>
  )
}
