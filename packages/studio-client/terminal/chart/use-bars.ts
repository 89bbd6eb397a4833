import type { Candle, Timeframe } from '@barfinex/core/browser'
import { useEffect, useRef, useState } from 'react'
import { useStore, useView } from '../studio-store.js'
import { mergeBars } from './bars.js'
import type { PriceChart } from './price-chart.js'

const historyBars = 2_000
const retryMs = 5_000

interface History {
  readonly series: string
  readonly candles: readonly Candle[]
  readonly failure: string | null
}

interface Shown {
  readonly series: string
  readonly bars: readonly Candle[]
}

export interface BarsState {
  readonly bars: readonly Candle[]
  /** Why history could not be had; the bars then begin with what has come since. */
  readonly failure: string | null
}

const nothing: History = { series: '', candles: [], failure: null }

/** Keeps the bars of one series up to date, history first, and hands every change to the drawing. */
export function useBars(chart: PriceChart | null, symbol: string | null, timeframe: Timeframe): BarsState {
  const history = useHistory(symbol, timeframe)
  const view = useView()
  const series = `${symbol}@${timeframe}`
  const drawn = useRef<{ shown: Shown; history: History; chart: PriceChart | null }>({
    shown: { series: '', bars: [] },
    history: nothing,
    chart: null,
  })
  const [shown, setShown] = useState<Shown>({ series: '', bars: [] })
  const { known, askAgain } = history

  useEffect(() => {
    if (chart === null || symbol === null || known === null) return
    const last = drawn.current
    const isNewSeries = last.shown.series !== series || last.chart !== chart
    // Fresh history replaces what was there: it has no holes.
    const startsOver = isNewSeries || (last.history !== known && known.failure === null)
    const before = startsOver ? [] : last.shown.bars
    const live = [...view.candles, ...view.formingCandles].filter(
      (it) => it.symbol === symbol && it.timeframe === timeframe,
    )
    const { bars, changed, hasGap } = mergeBars(before, startsOver ? [...known.candles, ...live] : live, timeframe)
    if (hasGap && known.failure === null) {
      // More was missed than the gateway keeps.
      askAgain()
      return
    }
    drawn.current = { shown: { series, bars }, history: known, chart }
    if (startsOver || changed === null) chart.show(bars, isNewSeries)
    else if (changed.length > 0) chart.update(changed, bars)
    if (startsOver || bars !== before) setShown({ series, bars })
  }, [chart, symbol, timeframe, series, known, askAgain, view.candles, view.formingCandles])

  return { bars: shown.series === series ? shown.bars : [], failure: known?.failure ?? null }
}

/** Closed candles from before now; asked for again after a failure, and when `askAgain` says that some were missed. */
function useHistory(symbol: string | null, timeframe: Timeframe) {
  const { studio, timer } = useStore()
  const series = `${symbol}@${timeframe}`
  const [history, setHistory] = useState<History>(nothing)
  const [askAgain] = useState(() => () => setHistory(nothing))
  const isKnown = history.series === series

  useEffect(() => {
    if (symbol === null || isKnown) return
    const abort = new AbortController()
    studio.candles({ symbol, timeframe, limit: historyBars }, { abortSignal: abort.signal }).then(
      ({ candles }) => setHistory({ series, candles, failure: null }),
      (error: Error) => {
        if (!abort.signal.aborted) setHistory({ series, candles: [], failure: error.message })
      },
    )
    return () => abort.abort()
  }, [studio, symbol, timeframe, series, isKnown])

  const { failure } = history
  useEffect(() => (failure === null ? undefined : timer.after(retryMs, askAgain)), [timer, failure, askAgain])

  return { known: isKnown ? history : null, askAgain }
}
