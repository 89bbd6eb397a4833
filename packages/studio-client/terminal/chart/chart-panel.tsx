import { type Candle, type Timeframe, timeframes } from '@barfinex/core/browser'
import { createContext, useEffect, useMemo, useRef, useState } from 'react'
import { amount, clockTime, compact, digitsOf, percent, tone } from '../format.js'
import { useStatus, useView } from '../studio-store.js'
import { levelsOf, marksOf } from './marks.js'
import { PriceChart } from './price-chart.js'
import { useBars } from './use-bars.js'

/** Brings a symbol onto the chart. */
export const ShowSymbolContext = createContext<(symbol: string) => void>(() => {})

/** Price, volume and everything we did there. */
export function ChartPanel(props: { readonly wanted: string | null; readonly onSymbol: (symbol: string) => void }) {
  const { wanted, onSymbol } = props
  const view = useView()
  const { desk } = useStatus()
  const symbols = useMemo(
    () => [...new Set([...view.instruments, ...view.feeds].map((it) => it.symbol))].sort(),
    [view.instruments, view.feeds],
  )
  const [timeframe, setTimeframe] = useState<Timeframe>('1m')
  const symbol = wanted !== null && symbols.includes(wanted) ? wanted : (symbols[0] ?? null)

  const container = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<PriceChart | null>(null)
  const [hovered, setHovered] = useState<number | null>(null)
  useEffect(() => {
    const drawing = new PriceChart(container.current as HTMLElement, setHovered)
    setChart(drawing)
    return () => drawing.close()
  }, [])

  const { bars, failure } = useBars(chart, symbol, timeframe)
  const digits = digitsOf(view.instruments.find((it) => it.symbol === symbol)?.tickSize)
  useEffect(() => chart?.setPrecision(digits, timeframe === '1s'), [chart, digits, timeframe])

  const from = bars[0]?.openTime ?? Number.POSITIVE_INFINITY
  const to = bars.at(-1)?.closeTime ?? 0
  useEffect(() => {
    if (symbol !== null) chart?.mark(marksOf(view.signals, view.fills, symbol, timeframe, [from, to]))
  }, [chart, symbol, timeframe, from, to, view.signals, view.fills])

  const ledger = view.accounts.find((it) => it.account === desk?.account)
  useEffect(() => {
    if (symbol !== null) chart?.setLevels(levelsOf(ledger?.positions ?? [], ledger?.openOrders ?? [], symbol))
  }, [chart, symbol, ledger])

  const shown = bars.find((it) => it.openTime === hovered) ?? bars.at(-1)
  return (
    <section className="panel chart" aria-label="Chart">
      <header>
        <label>
          <span className="hidden">Symbol</span>
          <select value={symbol ?? ''} onChange={(event) => onSymbol(event.target.value)}>
            {symbols.length === 0 ? <option value="">no symbol yet</option> : null}
            {symbols.map((it) => (
              <option key={it}>{it}</option>
            ))}
          </select>
        </label>
        <fieldset className="timeframes">
          <legend className="hidden">Timeframe</legend>
          {timeframes.map((it) => (
            <button key={it} type="button" aria-pressed={it === timeframe} onClick={() => setTimeframe(it)}>
              {it}
            </button>
          ))}
        </fieldset>
        <QuoteLine symbol={symbol} digits={digits} />
      </header>
      <div className="legend">{shown === undefined ? null : <Ohlc bar={shown} digits={digits} />}</div>
      {bars.length > 0 ? null : (
        <p className="awaited over">
          {symbol === null
            ? 'Waiting for Provider to name its instruments.'
            : failure === null
              ? `Waiting for candles of ${symbol} ${timeframe}.`
              : `No history: ${failure} The chart begins with the next ${timeframe} candle.`}
        </p>
      )}
      <div className="canvas" ref={container} />
      <p className="credit">
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          Lightweight Charts™ by TradingView
        </a>
      </p>
    </section>
  )
}

function QuoteLine({ symbol, digits }: { readonly symbol: string | null; readonly digits: number }) {
  const view = useView()
  const quote = view.quotes.find((it) => it.symbol === symbol)
  const feed = view.feeds.find((it) => it.symbol === symbol)
  const lastAt = Math.max(feed?.lastEventAt ?? 0, quote?.occurredAt ?? 0)
  return (
    <span className="quote">
      {quote === undefined ? null : (
        <>
          <span className="up">{amount(quote.bid, digits)}</span>
          <span className="down">{amount(quote.ask, digits)}</span>
          <small title="spread">{compact(((quote.ask - quote.bid) / quote.bid) * 10_000, 2)} bps</small>
        </>
      )}
      {feed === undefined ? null : (
        <span
          className={`badge feed ${feed.state}`}
          title={`${feed.code}; ${feed.gapCount} gaps, ${feed.refusedCount} refused`}
        >
          {feed.state} {clockTime(lastAt)}
        </span>
      )}
    </span>
  )
}

function Ohlc({ bar, digits }: { readonly bar: Candle; readonly digits: number }) {
  const change = bar.close / bar.open - 1
  return (
    <>
      {(['open', 'high', 'low', 'close'] as const).map((name) => (
        <span key={name}>
          <i>{name[0]?.toUpperCase()}</i> {amount(bar[name], digits)}
        </span>
      ))}
      <span>
        <i>V</i> {compact(bar.volume, 5)}
      </span>
      <span className={tone(change)}>
        {change > 0 ? '+' : ''}
        {percent(change)}
      </span>
      {bar.isFinal ? null : <em>forming</em>}
      {bar.provenance === 'repaired' || bar.provenance === 'synthetic' ? <em>{bar.provenance}</em> : null}
    </>
  )
}
