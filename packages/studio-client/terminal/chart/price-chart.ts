import type { Candle } from '@barfinex/core/browser'
import {
  CandlestickSeries,
  CrosshairMode,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineStyle,
  type UTCTimestamp,
} from 'lightweight-charts'
import { palette } from '../palette.js'
import type { Level, Mark } from './marks.js'

/** More new bars than this at once are drawn anew rather than one by one: every update walks all bars. */
const maxUpdates = 8
const firstBars = 180

/** The drawing of one series: candles, volume, marks and levels. It draws what it is told and decides nothing. */
export class PriceChart {
  private readonly chart: IChartApi
  private readonly candles: ISeriesApi<'Candlestick'>
  private readonly volume: ISeriesApi<'Histogram'>
  private readonly markers: { setMarkers(marks: Mark[]): void }
  private lines: { readonly level: Level; readonly line: IPriceLine }[] = []

  constructor(container: HTMLElement, onHover: (openTime: number | null) => void) {
    this.chart = createChart(container, {
      autoSize: true,
      layout: {
        background: { color: palette.panel },
        textColor: palette.text,
        fontSize: 11,
        attributionLogo: false,
        panes: { separatorColor: palette.line },
      },
      grid: { vertLines: { color: palette.line }, horzLines: { color: palette.line } },
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { borderColor: palette.line, scaleMargins: { top: 0.08, bottom: 0.22 } },
      timeScale: {
        borderColor: palette.line,
        timeVisible: true,
        secondsVisible: false,
        rightOffset: 6,
        enableConflation: true,
      },
    })
    this.candles = this.chart.addSeries(CandlestickSeries, {
      upColor: palette.up,
      downColor: palette.down,
      wickUpColor: palette.up,
      wickDownColor: palette.down,
      borderVisible: false,
    })
    this.volume = this.chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      lastValueVisible: false,
      priceLineVisible: false,
    })
    this.volume.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } })
    this.markers = createSeriesMarkers<UTCTimestamp>(this.candles as never, [], { autoScale: false }) as never
    this.chart.subscribeCrosshairMove(({ time }) => onHover(time === undefined ? null : Number(time) * 1_000))
  }

  setPrecision(digits: number, showsSeconds: boolean): void {
    this.candles.applyOptions({ priceFormat: { type: 'price', precision: digits, minMove: 10 ** -digits } })
    this.chart.timeScale().applyOptions({ secondsVisible: showsSeconds })
  }

  /** Draws all bars, and shows the newest when `isNewSeries`. */
  show(bars: readonly Candle[], isNewSeries: boolean): void {
    this.candles.setData(bars.map(candleOf))
    this.volume.setData(bars.map(volumeOf))
    if (!isNewSeries) return
    this.candles.priceScale().applyOptions({ autoScale: true })
    this.chart.timeScale().setVisibleLogicalRange({ from: Math.max(0, bars.length - firstBars), to: bars.length + 6 })
  }

  /** Draws what has changed at the right end. */
  update(changed: readonly Candle[], all: readonly Candle[]): void {
    if (changed.length > maxUpdates) {
      this.show(all, false)
      return
    }
    for (const it of changed) {
      this.candles.update(candleOf(it))
      this.volume.update(volumeOf(it))
    }
  }

  mark(marks: Mark[]): void {
    this.markers.setMarkers(marks)
  }

  setLevels(levels: readonly Level[]): void {
    const wanted = new Map(levels.map((it) => [it.id, it]))
    this.lines = this.lines.filter(({ level, line }) => {
      if (wanted.has(level.id)) return true
      this.candles.removePriceLine(line)
      return false
    })
    for (const level of levels) {
      const known = this.lines.find((it) => it.level.id === level.id)
      const options = {
        price: level.price,
        title: level.title,
        color: level.color,
        lineWidth: 1 as const,
        lineStyle: level.isDashed ? LineStyle.Dashed : LineStyle.Solid,
      }
      if (known === undefined) this.lines.push({ level, line: this.candles.createPriceLine(options) })
      else known.line.applyOptions(options)
    }
  }

  close(): void {
    this.chart.remove()
  }
}

function candleOf({ openTime, open, high, low, close }: Candle) {
  return { time: (openTime / 1_000) as UTCTimestamp, open, high, low, close }
}

function volumeOf({ openTime, open, close, volume }: Candle) {
  const color = close >= open ? `${palette.up}55` : `${palette.down}55`
  return { time: (openTime / 1_000) as UTCTimestamp, value: volume, color }
}
