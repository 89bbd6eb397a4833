import type { Protection } from '@barfinex/core/browser'
import { use } from 'react'
import { ActButton } from '../act.js'
import { ShowSymbolContext } from '../chart/chart-panel.js'
import { amount, digitsOf, duration, quantity, shortSymbol, signedAmount, tone } from '../format.js'
import { Awaited, Panel } from '../panel.js'
import { useStatus, useView } from '../studio-store.js'

/** What is held, what it is worth now, and whether it is protected at the exchange. */
export function Positions() {
  const view = useView()
  const { desk } = useStatus()
  const show = use(ShowSymbolContext)
  const ledger = view.accounts.find((it) => it.account === desk?.account)
  const open = ledger?.positions.filter((it) => it.side !== 'flat') ?? []
  return (
    <Panel title="Positions" count={open.length}>
      {ledger === undefined ? <Awaited>Waiting for the ledger's first account state.</Awaited> : null}
      {ledger !== undefined && open.length === 0 ? <Awaited>Flat: no open position.</Awaited> : null}
      {open.length === 0 ? null : (
        <table className="wide">
          <thead>
            <tr>
              <th scope="col">symbol</th>
              <th scope="col">quantity</th>
              <th scope="col">entry</th>
              <th scope="col" className="optional">
                last
              </th>
              <th scope="col">open result</th>
              <th scope="col">stop</th>
              <th scope="col">protection</th>
              <th scope="col">
                <span className="hidden">acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {open.map((it) => {
              const protection = view.protections.find(
                (other) => other.symbol === it.symbol && other.account === ledger?.account,
              )
              const digits = digitsOf(view.instruments.find((other) => other.symbol === it.symbol)?.tickSize)
              const last = lastPrice(view, it.symbol)
              const sign = it.side === 'long' ? 1 : -1
              const result =
                last === null || it.averagePrice === null
                  ? null
                  : (last - Number(it.averagePrice)) * Number(it.quantity) * sign
              return (
                <tr key={it.symbol}>
                  <th scope="row">
                    <button type="button" className="symbol" title="Show on the chart" onClick={() => show(it.symbol)}>
                      {shortSymbol(it.symbol)}
                    </button>{' '}
                    <b className={it.side === 'long' ? 'up' : 'down'}>{it.side}</b>
                  </th>
                  <td>{quantity(it.quantity)}</td>
                  <td>{amount(it.averagePrice, digits)}</td>
                  <td className="optional">{amount(last, digits)}</td>
                  <td className={tone(result)}>{signedAmount(result)}</td>
                  <td>
                    {protection?.stopPrice === null || protection === undefined ? (
                      '–'
                    ) : (
                      <>
                        {amount(protection.stopPrice, digits)}{' '}
                        <small className="optional">{distance(last, protection.stopPrice)}</small>
                      </>
                    )}
                  </td>
                  <td>
                    <Cover protection={protection} now={view.at} />
                  </td>
                  <td>
                    <ActButton act={{ type: 'closePosition', symbol: it.symbol }} label="Close" tone="warn" />
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function Cover({ protection, now }: { readonly protection: Protection | undefined; readonly now: number }) {
  const status = protection?.status ?? 'unknown'
  const nakedMs = protection?.nakedSince == null ? null : now - protection.nakedSince
  return (
    <span
      className={`badge cover ${status}`}
      title={
        protection === undefined
          ? 'Nothing has been said about it yet'
          : `covered ${protection.coveredQuantity} of ${protection.positionQuantity}, longest without full cover ${duration(protection.longestNakedMs)}`
      }
    >
      {status}
      {nakedMs === null || nakedMs <= 0 ? null : ` ${duration(nakedMs)}`}
    </span>
  )
}

function lastPrice(view: ReturnType<typeof useView>, symbol: string): number | null {
  const quote = view.quotes.find((it) => it.symbol === symbol)
  if (quote !== undefined) return (quote.bid + quote.ask) / 2
  return view.candles.findLast((it) => it.symbol === symbol)?.close ?? null
}

function distance(last: number | null, price: string): string {
  return last === null ? '' : `${(Math.abs(Number(price) / last - 1) * 100).toFixed(2)}%`
}
