import { useMemo } from 'react'
import { clockTime, words } from '../format.js'
import { Awaited, Panel } from '../panel.js'
import { useView } from '../studio-store.js'
import { Why } from '../why.js'

const shownCount = 60

interface Event {
  readonly id: string
  readonly at: number
  readonly severity: string
  readonly text: string
  readonly code: string
}

/** What a person should look at: incidents, and acts of the inspector wider than one order. */
export function Incidents() {
  const view = useView()
  const events = useMemo(() => {
    const incidents = view.incidents.map(
      (it): Event => ({
        id: it.incidentId,
        at: it.raisedAt,
        severity: it.severity,
        text: `${it.symbol === null ? '' : `${it.symbol}: `}${it.reason.message}`,
        code: it.reason.code,
      }),
    )
    const acts = view.acts.map(
      (it): Event => ({
        id: it.actId,
        at: it.decidedAt,
        severity: it.type === 'resume' ? 'info' : 'warning',
        text: `${words(it.type)}${it.symbol === null ? '' : ` ${it.symbol}`}: ${it.reason.message}`,
        code: it.reason.code,
      }),
    )
    return [...incidents, ...acts].sort((a, b) => b.at - a.at).slice(0, shownCount)
  }, [view.incidents, view.acts])
  const critical = events.filter((it) => it.severity === 'critical').length
  return (
    <Panel title="Incidents and acts" count={critical === 0 ? events.length : `${critical} critical`}>
      {events.length === 0 ? <Awaited>Nothing has happened that needs a person.</Awaited> : null}
      <ul className="incidents">
        {events.map((it) => (
          <li key={it.id} className={it.severity}>
            <time>{clockTime(it.at)}</time>
            <span className={`badge severity ${it.severity}`}>{it.severity}</span>
            <span className="message" title={it.code}>
              {it.text}
            </span>
            <Why id={it.id} label="why" />
          </li>
        ))}
      </ul>
    </Panel>
  )
}
