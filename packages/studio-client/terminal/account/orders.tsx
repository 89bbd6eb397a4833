import type { Fill, OrderEvent } from '@barfinex/core/browser'
import { memo, useMemo, useState } from 'react'
import { ActButton } from '../act.js'
import { amount, clockTime, quantity, shortSymbol, signedAmount, tone, words } from '../format.js'
import { Awaited, Panel } from '../panel.js'
import { Reasons } from '../reasons.js'
import { useStatus, useView } from '../studio-store.js'
import { Why } from '../why.js'

const shownCount = 80
const tabs = ['orders', 'fills', 'closed'] as const
const titles = { orders: 'Orders', fills: 'Fills', closed: 'Closed trades' } as const

const final = new Set<OrderEvent['state']>(['denied', 'filled', 'canceled', 'rejected', 'expired'])

/** Working orders first, then those that are done; fills and closed trades behind tabs. */
export function Orders() {
  const view = useView()
  const { desk } = useStatus()
  const [tab, setTab] = useState<(typeof tabs)[number]>('orders')
  const ledger = view.accounts.find((it) => it.account === desk?.account)
  const orders = useMemo(() => {
    const byId = new Map(view.orders.map((it) => [it.clientOrderId, it]))
    // An order may rest longer than its last event is kept; the ledger still has it.
    for (const it of ledger?.openOrders ?? []) if (!byId.has(it.clientOrderId)) byId.set(it.clientOrderId, it)
    const newest = [...byId.values()].sort((a, b) => b.occurredAt - a.occurredAt)
    return [...newest.filter((it) => !final.has(it.state)), ...newest.filter((it) => final.has(it.state))]
  }, [view.orders, ledger?.openOrders])
  const working = orders.filter((it) => !final.has(it.state)).length
  return (
    <Panel
      title={titles[tab]}
      count={tab === 'orders' ? `${working} working` : tab === 'fills' ? view.fills.length : view.outcomes.length}
      tools={
        <>
          {orders.some((it) => it.purpose === 'entry' && !final.has(it.state)) ? (
            <ActButton act={{ type: 'cancelEntries' }} label="Cancel entries" />
          ) : null}
          <fieldset className="tabs">
            <legend className="hidden">What to list</legend>
            {tabs.map((it) => (
              <button key={it} type="button" aria-pressed={it === tab} onClick={() => setTab(it)}>
                {titles[it]}
              </button>
            ))}
          </fieldset>
        </>
      }
    >
      {tab === 'orders' ? <OrderList orders={orders} /> : null}
      {tab === 'fills' ? <FillList fills={view.fills} /> : null}
      {tab === 'closed' ? <OutcomeList /> : null}
    </Panel>
  )
}

function OrderList({ orders }: { readonly orders: readonly OrderEvent[] }) {
  if (orders.length === 0) return <Awaited>No order yet: the first approved intent becomes one.</Awaited>
  return orders.slice(0, shownCount).map((it) => <OrderRow key={it.clientOrderId} order={it} />)
}

const OrderRow = memo(function OrderRow({ order: it }: { readonly order: OrderEvent }) {
  const isWorking = !final.has(it.state)
  return (
    <details className={`row order ${isWorking ? 'working' : 'done'}`}>
      <summary>
        <time>{clockTime(it.occurredAt)}</time>
        <b className={it.side === 'buy' ? 'up' : 'down'}>{it.side}</b>
        <span className="name" title={it.symbol}>
          {shortSymbol(it.symbol)} <small>{it.purpose}</small>
        </span>
        <span className="figure">
          {quantity(it.quantity)} @ {quantity(it.triggerPrice ?? it.limitPrice ?? it.averagePrice)}
        </span>
        <span className={`badge order-state ${it.state}`}>{words(it.state)}</span>
      </summary>
      <dl className="facts">
        <div>
          <dt>type</dt>
          <dd>
            {words(it.type)}
            {it.reduceOnly ? ', reduce only' : ''}
          </dd>
        </div>
        <div>
          <dt>filled</dt>
          <dd>
            {quantity(it.filledQuantity)} of {quantity(it.quantity)}
          </dd>
        </div>
        <div>
          <dt>average</dt>
          <dd>{quantity(it.averagePrice)}</dd>
        </div>
        <div>
          <dt>event</dt>
          <dd>{it.sequence}</dd>
        </div>
      </dl>
      {it.reason === null ? null : <Reasons reasons={[it.reason]} />}
      <p className="fine">
        order <Why id={it.clientOrderId} /> of intent <Why id={it.intentId} />{' '}
        {isWorking ? (
          <ActButton act={{ type: 'cancelOrder', clientOrderId: it.clientOrderId, symbol: it.symbol }} label="Cancel" />
        ) : null}
      </p>
    </details>
  )
})

function FillList({ fills }: { readonly fills: readonly Fill[] }) {
  if (fills.length === 0) return <Awaited>No fill yet.</Awaited>
  return (
    <table className="wide">
      <thead>
        <tr>
          <th scope="col">time</th>
          <th scope="col">symbol</th>
          <th scope="col">side</th>
          <th scope="col">quantity</th>
          <th scope="col">price</th>
          <th scope="col">fee</th>
          <th scope="col">id</th>
        </tr>
      </thead>
      <tbody>
        {fills
          .slice(-shownCount)
          .reverse()
          .map((it) => (
            <tr key={it.fillId}>
              <td>{clockTime(it.occurredAt)}</td>
              <th scope="row">
                {shortSymbol(it.symbol)} <small>{it.purpose}</small>
              </th>
              <td className={it.side === 'buy' ? 'up' : 'down'}>{it.side}</td>
              <td>{quantity(it.quantity)}</td>
              <td>{quantity(it.price)}</td>
              <td>
                {quantity(it.fee)} <small>{it.feeAsset}</small>
              </td>
              <td>
                <Why id={it.fillId} />
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}

function OutcomeList() {
  const { outcomes } = useView()
  if (outcomes.length === 0) return <Awaited>No trade has ended yet.</Awaited>
  return (
    <table className="wide">
      <thead>
        <tr>
          <th scope="col">closed</th>
          <th scope="col">symbol</th>
          <th scope="col">entry</th>
          <th scope="col">exit</th>
          <th scope="col">by</th>
          <th scope="col">net</th>
          <th scope="col">R</th>
          <th scope="col">why</th>
        </tr>
      </thead>
      <tbody>
        {outcomes
          .slice(-shownCount)
          .reverse()
          .map((it) => (
            <tr key={it.outcomeId}>
              <td>{clockTime(it.closedAt)}</td>
              <th scope="row">
                {shortSymbol(it.symbol)} <b className={it.direction === 'long' ? 'up' : 'down'}>{it.direction}</b>
              </th>
              <td>{quantity(it.entryPrice)}</td>
              <td>{quantity(it.exitPrice)}</td>
              <td>{words(it.exitReason)}</td>
              <td className={tone(it.netPnl)}>{signedAmount(it.netPnl)}</td>
              <td className={tone(it.resultR)}>{amount(it.resultR)}</td>
              <td>
                <Why id={it.decisionId} />
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}
