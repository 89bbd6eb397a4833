import type { Evaluation, Signal, StrategyState } from '@barfinex/core/browser'
import { memo, useMemo } from 'react'
import { ActButton } from '../act.js'
import { amount, clockTime, compact, dateTime, digitsOf, percent, shortSymbol } from '../format.js'
import { Awaited, Panel } from '../panel.js'
import { Reasons } from '../reasons.js'
import { useView } from '../studio-store.js'
import { Why } from '../why.js'
import { Rules } from './rules.js'

const shownCount = 60

/** The newest judgement of each strategy, then the signals that came of judgements. */
export function Signals() {
  const view = useView()
  const signals = useMemo(() => view.signals.slice(-shownCount).reverse(), [view.signals])
  const newest = useMemo(() => {
    const byStrategy = new Map<string, Evaluation>()
    for (const it of view.evaluations) byStrategy.set(`${it.strategyId} ${it.symbol} ${it.timeframe}`, it)
    return [...byStrategy.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
  }, [view.evaluations])
  const digitsBySymbol = new Map(view.instruments.map((it) => [it.symbol, digitsOf(it.tickSize)]))
  return (
    <Panel title="Signals" count={view.signals.length}>
      {newest.length === 0 ? <Awaited>Waiting for a strategy to judge its first closed candle.</Awaited> : null}
      <ul className="scores" aria-label="Newest judgement of each strategy">
        {newest.map(([key, it]) => (
          <Score
            key={key}
            evaluation={it}
            strategy={view.strategies.find((state) => state.strategyId === it.strategyId)}
          />
        ))}
      </ul>
      {signals.length === 0 && newest.length > 0 ? (
        <Awaited>No signal yet: no score has reached its threshold on a closed candle.</Awaited>
      ) : null}
      {signals.map((it) => (
        <SignalRow key={it.signalId} signal={it} digits={digitsBySymbol.get(it.symbol) ?? 2} />
      ))}
    </Panel>
  )
}

const Score = memo(function Score(props: {
  readonly evaluation: Evaluation
  readonly strategy: StrategyState | undefined
}) {
  const { evaluation: it, strategy } = props
  return (
    <li>
      <details>
        <summary>
          <span className="name" title={it.symbol}>
            {it.strategyId} <small>{shortSymbol(it.symbol)}</small> <small>{it.timeframe}</small>
          </span>
          {strategy === undefined || strategy.state === 'active' ? null : (
            <span className={`badge strategy ${strategy.state}`} title={strategy.reason?.message}>
              {strategy.state}
            </span>
          )}
          <Bar label="long" score={it.longScore} threshold={it.longThreshold} />
          <Bar label="short" score={it.shortScore} threshold={it.shortThreshold} />
        </summary>
        <p className="fine">
          candle {dateTime(it.candleOpenTime)}
          {it.vetoes.length === 0 ? null : <b className="down"> vetoes: {it.vetoes.join(', ')}</b>}
        </p>
        <Rules rules={it.rules} />
        <Reasons reasons={it.reasons} />
        {strategy?.state === 'quarantined' ? (
          <ActButton act={{ type: 'releaseStrategy', strategyId: it.strategyId }} label="Release" />
        ) : null}
      </details>
    </li>
  )
})

/** A score against its threshold. */
function Bar(props: { readonly label: 'long' | 'short'; readonly score: number; readonly threshold: number | null }) {
  const { label, score, threshold } = props
  if (threshold === null) return <span className={`score ${label} none`}>no {label}</span>
  return (
    <span className={`score ${label}`} title={`${label}: ${compact(score, 3)} of ${compact(threshold, 3)}`}>
      <meter min={0} max={threshold} value={Math.min(Math.max(score, 0), threshold)} aria-label={`${label} score`} />
      <span>
        {compact(score, 3)}/{compact(threshold, 3)}
      </span>
    </span>
  )
}

const SignalRow = memo(function SignalRow({
  signal: it,
  digits,
}: {
  readonly signal: Signal
  readonly digits: number
}) {
  const fired = it.rules.filter((rule) => rule.fired).length
  const risk = Math.abs(it.price - it.stopPrice) / it.price
  return (
    <details className="row">
      <summary>
        <time>{clockTime(it.firedAt)}</time>
        <b className={it.direction === 'long' ? 'up' : 'down'}>{it.direction}</b>
        <span className="name" title={it.symbol}>
          {shortSymbol(it.symbol)} <small>{it.strategyId}</small>
        </span>
        <span className="figure short">
          {compact(it.score, 3)}/{compact(it.threshold, 3)}
        </span>
      </summary>
      <dl className="facts">
        <div>
          <dt>price</dt>
          <dd>{amount(it.price, digits)}</dd>
        </div>
        <div>
          <dt>stop</dt>
          <dd>{amount(it.stopPrice, digits)}</dd>
        </div>
        <div>
          <dt>target</dt>
          <dd>{amount(it.targetPrice, digits)}</dd>
        </div>
        <div>
          <dt>risk</dt>
          <dd>{percent(risk)}</dd>
        </div>
        <div>
          <dt>rules fired</dt>
          <dd>
            {fired} of {it.rules.length}
          </dd>
        </div>
        <div>
          <dt>void at</dt>
          <dd>{clockTime(it.expiresAt)}</dd>
        </div>
      </dl>
      <Rules rules={it.rules} />
      <p className="fine">
        signal <Why id={it.signalId} />
      </p>
    </details>
  )
})
