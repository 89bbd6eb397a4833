import type { Verdict } from '@barfinex/core/browser'
import { memo, useMemo } from 'react'
import { amount, clockTime, quantity, shortSymbol, words } from '../format.js'
import { Awaited, Panel } from '../panel.js'
import { Reasons } from '../reasons.js'
import { useView } from '../studio-store.js'
import { Why } from '../why.js'

const shownCount = 80

/** What the inspector said to each intent and each protective need, with every reason. */
export function Verdicts() {
  const view = useView()
  const verdicts = useMemo(() => view.verdicts.slice(-shownCount).reverse(), [view.verdicts])
  return (
    <Panel title="Verdicts" count={view.verdicts.length}>
      {verdicts.length === 0 ? <Awaited>Waiting for an intent: the inspector speaks when there is one.</Awaited> : null}
      {verdicts.map((it) => (
        <VerdictRow key={it.verdictId} verdict={it} />
      ))}
    </Panel>
  )
}

const VerdictRow = memo(function VerdictRow({ verdict: it }: { readonly verdict: Verdict }) {
  const isApproved = it.type === 'approved'
  const [first, ...more] = it.reasons
  return (
    <details className="row">
      <summary>
        <time>{clockTime(it.decidedAt)}</time>
        <b className={isApproved ? 'up' : 'down'}>{it.type}</b>
        <span className="name" title={it.symbol}>
          {shortSymbol(it.symbol)} <small>{it.purpose}</small>
        </span>
        <span className="figure">
          {isApproved || first === undefined
            ? `${it.order?.side ?? ''} ${quantity(it.order?.quantity)}`
            : `${first.code.split('.').at(-1)}${more.length === 0 ? '' : ` +${more.length}`}`}
        </span>
      </summary>
      {it.order === null ? <p className="fine">No order could be sized.</p> : null}
      {it.order === null ? null : (
        <dl className="facts">
          <div>
            <dt>order</dt>
            <dd>
              {it.order.side} {quantity(it.order.quantity)} {words(it.order.type)}
            </dd>
          </div>
          {it.order.limitPrice === null ? null : (
            <div>
              <dt>limit</dt>
              <dd>{quantity(it.order.limitPrice)}</dd>
            </div>
          )}
          {it.order.triggerPrice === null ? null : (
            <div>
              <dt>trigger</dt>
              <dd>{quantity(it.order.triggerPrice)}</dd>
            </div>
          )}
          <div>
            <dt>reserved</dt>
            <dd>{amount(it.reservedNotional)}</dd>
          </div>
          <div>
            <dt>policies asked</dt>
            <dd title={it.policies.join(', ')}>{it.policies.length}</dd>
          </div>
        </dl>
      )}
      <Reasons reasons={it.reasons} />
      <p className="fine">
        verdict <Why id={it.verdictId} /> on <Why id={it.intentId} />
        {it.order === null ? null : (
          <>
            {' '}
            order <Why id={it.order.clientOrderId} />
          </>
        )}
      </p>
    </details>
  )
})
