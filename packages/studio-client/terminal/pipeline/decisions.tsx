import type { Decision, StageRecord } from '@barfinex/core/browser'
import { memo, useMemo } from 'react'
import { clockTime, compact, measure, percent, shortSymbol } from '../format.js'
import { Awaited, Panel } from '../panel.js'
import { Reasons } from '../reasons.js'
import { useView } from '../studio-store.js'
import { Why } from '../why.js'

const shownCount = 60

/** What the advisor made of each signal: eight stages, each with what it measured and against what. */
export function Decisions() {
  const view = useView()
  const decisions = useMemo(() => view.decisions.slice(-shownCount).reverse(), [view.decisions])
  return (
    <Panel title="Decisions" count={view.decisions.length}>
      {decisions.length === 0 ? (
        <Awaited>Waiting for the advisor to take a signal through its eight stages.</Awaited>
      ) : null}
      {decisions.map((it) => (
        <DecisionRow key={it.decisionId} decision={it} />
      ))}
    </Panel>
  )
}

const DecisionRow = memo(function DecisionRow({ decision: it }: { readonly decision: Decision }) {
  return (
    <details className="row">
      <summary>
        <time>{clockTime(it.decidedAt)}</time>
        <b className={it.outcome === 'intent' ? 'up' : 'muted'}>
          {it.outcome === 'intent' ? '✓ intent' : `✕ ${it.rejectedBy ?? 'rejected'}`}
        </b>
        <span className="name" title={it.symbol}>
          {shortSymbol(it.symbol)} <small>{it.direction}</small>
        </span>
        <StageDots stages={it.stages} />
      </summary>
      <dl className="facts">
        <div>
          <dt>conviction</dt>
          <dd>{percent(it.conviction, 1)}</dd>
        </div>
        <div>
          <dt>probability</dt>
          <dd>{percent(it.probability, 1)}</dd>
        </div>
        <div>
          <dt>expected R</dt>
          <dd>{compact(it.expectedR, 3)}</dd>
        </div>
        <div>
          <dt>regime</dt>
          <dd>{it.regime ?? '–'}</dd>
        </div>
        <div>
          <dt>synthesis</dt>
          <dd>{it.synthesisSource ?? '–'}</dd>
        </div>
      </dl>
      {it.rationale === '' ? null : <p className="rationale">{it.rationale}</p>}
      <ol className="stages">
        {it.stages.map((stage) => (
          <Stage key={stage.stage} stage={stage} />
        ))}
      </ol>
      <p className="fine">
        decision <Why id={it.decisionId} /> of signal <Why id={it.signalId} />
        {it.intentId === null ? null : (
          <>
            {' '}
            to intent <Why id={it.intentId} />
          </>
        )}
      </p>
    </details>
  )
})

/** Eight dots: how far it came. */
function StageDots({ stages }: { readonly stages: readonly StageRecord[] }) {
  return (
    <span className="dots" role="img" aria-label={stages.map((it) => `${it.name} ${it.status}`).join(', ')}>
      {stages.map((it) => (
        <i key={it.stage} className={it.status} title={`${it.stage} ${it.name}: ${it.status}`} />
      ))}
    </span>
  )
}

/** One stage: measured values beside their limits, then the reasons. */
function Stage({ stage: it }: { readonly stage: StageRecord }) {
  const names = [...new Set([...Object.keys(it.measured), ...Object.keys(it.limits)])]
  return (
    <li className={it.status}>
      <h3>
        <i className={it.status} /> {it.stage} {it.name} <small>{it.status}</small>
      </h3>
      {names.length === 0 ? null : (
        <table>
          <thead>
            <tr>
              <th scope="col">measure</th>
              <th scope="col">measured</th>
              <th scope="col">limit</th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{name in it.measured ? measure(it.measured[name], name) : '–'}</td>
                <td>{name in it.limits ? measure(it.limits[name], name) : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Reasons reasons={it.reasons} />
    </li>
  )
}
