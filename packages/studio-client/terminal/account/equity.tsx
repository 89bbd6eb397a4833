import { AreaSeries, createChart, type IChartApi, type ISeriesApi, type UTCTimestamp } from 'lightweight-charts'
import { useEffect, useRef } from 'react'
import { amount, signedAmount, tone } from '../format.js'
import { palette } from '../palette.js'
import { Awaited } from '../panel.js'
import { useStatus, useView } from '../studio-store.js'

/** The account's worth over market time. */
export function Equity() {
  const view = useView()
  const { desk } = useStatus()
  const points = view.equity.filter((it) => it.account === desk?.account)
  const first = points[0]
  const last = points.at(-1)
  const change = first === undefined || last === undefined ? 0 : Number(last.equityQuote) - Number(first.equityQuote)

  const container = useRef<HTMLDivElement>(null)
  const drawing = useRef<{ chart: IChartApi; series: ISeriesApi<'Area'> } | null>(null)
  useEffect(() => {
    const chart = createChart(container.current as HTMLElement, {
      autoSize: true,
      layout: {
        background: { color: palette.panel },
        textColor: palette.text,
        fontSize: 10,
        attributionLogo: false,
      },
      grid: { vertLines: { visible: false }, horzLines: { color: palette.line } },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.12, bottom: 0.08 } },
      timeScale: { borderVisible: false, timeVisible: true, enableConflation: true },
      handleScroll: false,
      handleScale: false,
    })
    const series = chart.addSeries(AreaSeries, {
      lineColor: palette.accent,
      lineWidth: 2,
      topColor: `${palette.accent}44`,
      bottomColor: `${palette.accent}05`,
      priceLineVisible: false,
    })
    drawing.current = { chart, series }
    return () => {
      drawing.current = null
      chart.remove()
    }
  }, [])

  useEffect(() => {
    // The last point of a minute wins; times have to rise strictly.
    const bySecond = new Map<number, number>()
    for (const it of view.equity) {
      if (it.account === desk?.account) bySecond.set(Math.floor(it.at / 1_000), Number(it.equityQuote))
    }
    const sorted = [...bySecond].sort(([a], [b]) => a - b)
    drawing.current?.series.setData(sorted.map(([time, value]) => ({ time: time as UTCTimestamp, value })))
    drawing.current?.chart.timeScale().fitContent()
  }, [view.equity, desk?.account])

  return (
    <section className="panel equity" aria-label="Equity">
      <header>
        <h2>Equity</h2>
        <span className="tools">
          {last === undefined ? null : (
            <>
              <b>{amount(last.equityQuote)}</b>
              <span className={tone(change)}>{signedAmount(change)}</span>
            </>
          )}
        </span>
      </header>
      {points.length > 0 ? null : <Awaited>Waiting for the ledger's first account state.</Awaited>}
      <div className="canvas" ref={container} />
    </section>
  )
}
