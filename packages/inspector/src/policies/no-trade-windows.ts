import { BarfinexError } from '@barfinex/core'
import { definePolicy, type SituationPolicy } from '../policy.js'

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Weekday = (typeof weekdays)[number]

/** A stretch of the week without entries. */
export interface NoTradeWindow {
  /** Days on which the window begins; every day when absent. */
  readonly days?: readonly Weekday[]
  /** `HH:MM`, included. */
  readonly from: string
  /** `HH:MM`, excluded; at or before `from` it means the next day, and `24:00` the end of this one. */
  readonly to: string
  /** The only one there is, spelled out so that nobody reads a window as local time. */
  readonly timeZone: 'UTC'
}

interface Stretch {
  readonly text: string
  readonly days: ReadonlySet<number>
  readonly fromMinute: number
  readonly toMinute: number
}

const minutesPerDay = 1_440

/**
 * Opens nothing inside the windows. Code `inspector.policy.no-trade-windows`.
 *
 * @example
 * noTradeWindows([{ days: ['fri'], from: '22:00', to: '02:00', timeZone: 'UTC' }])
 */
export function noTradeWindows(windows: readonly NoTradeWindow[]): SituationPolicy {
  const stretches = windows.map(stretchOf)
  if (stretches.length === 0) throw invalid('the list is empty')
  return definePolicy({
    code: 'inspector.policy.no-trade-windows',
    judges: 'situation',
    check({ now }) {
      const at = new Date(now)
      const minute = at.getUTCHours() * 60 + at.getUTCMinutes()
      if (!Number.isFinite(minute)) throw new Error(`${now} is no instant`)
      const standing = stretches.find((stretch) => isInside(stretch, at.getUTCDay(), minute))
      if (standing === undefined) return null
      const observed = at.toISOString()
      return { limit: standing.text, observed, message: `${observed} lies in the window ${standing.text}.` }
    },
  })
}

function isInside({ days, fromMinute, toMinute }: Stretch, day: number, minute: number): boolean {
  if (days.has(day) && minute >= fromMinute && minute < toMinute) return true
  const yesterday = (day + 6) % 7
  return days.has(yesterday) && minute + minutesPerDay < toMinute
}

function stretchOf(window: NoTradeWindow): Stretch {
  const { days = weekdays, from, to, timeZone } = window
  if (timeZone !== 'UTC') throw invalid(`the time zone is "${String(timeZone)}"; only "UTC" is known`)
  const fromMinute = minuteOf(from)
  const until = to === '24:00' ? minutesPerDay : minuteOf(to)
  const wrong = days.find((day) => !weekdays.includes(day))
  if (wrong !== undefined || days.length === 0)
    throw invalid(`"${wrong ?? ''}" is no day; write ${weekdays.join(', ')}`)
  return {
    text: `${days.join(' ')} ${from}-${to} UTC`,
    days: new Set(days.map((day) => weekdays.indexOf(day))),
    fromMinute,
    toMinute: until > fromMinute ? until : until + minutesPerDay,
  }
}

function minuteOf(text: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(String(text))
  if (match === null) throw invalid(`"${text}" is no time of day; write "HH:MM"`)
  return Number(match[1]) * 60 + Number(match[2])
}

function invalid(what: string): BarfinexError {
  return new BarfinexError('options.invalid', `noTradeWindows: ${what}.`)
}
