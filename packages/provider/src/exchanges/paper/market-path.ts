import { createRandom } from '@barfinex/core'
import type { MarketCharacter } from './market-character.js'

export const minuteMs = 60_000
export const minutesPerDay = 1_440
const minutesPerYear = 365 * minutesPerDay

/** A day of minutes as columns: what the market does in each, before it is broken into ticks. */
export interface MarketDay {
  /** Middle price at each minute's beginning; one more for the end of the day. */
  readonly mid: Float64Array
  /** Log return of each minute without its jump. */
  readonly drift: Float64Array
  /** Jump inside each minute as a log return; mostly 0. */
  readonly jump: Float64Array
  /** Standard deviation of each minute's return. */
  readonly sigma: Float64Array
  /** Volatility against a quiet minute: 1 on the average. */
  readonly stress: Float64Array
  /** Volume of each minute, in quote. */
  readonly volume: Float64Array
}

interface Checkpoint {
  readonly mid: number
  readonly variance: number
  readonly trend: number
}

/** Days kept in memory; others are computed again from the checkpoint of their beginning. */
const keptDays = 4

/**
 * A market's course from minute to minute, the same for the same seed whatever is asked first.
 *
 * Log return of minute t: `trend_t + sigma_t * z_t + jump_t - sigma_t^2 / 2`, where
 * - `sigma_t^2 = quiet^2 * rhythm_t^2 * g_t`, and g is GARCH(1,1) with mean 1: `g' = (1 - persistence) + shock * g * z^2 + (persistence - shock) * g`;
 * - `trend` is an Ornstein-Uhlenbeck process with the character's half-life and share of the variance;
 * - `rhythm` is the hour of the day and the weekend; jumps come at random, a few a day.
 */
export class MarketPath {
  private readonly checkpoints: Checkpoint[]
  private readonly days = new Map<number, MarketDay>()
  private readonly quiet: number
  private readonly trendDecay: number
  private readonly trendScale: number

  constructor(
    private readonly seed: string,
    private readonly character: MarketCharacter,
    /** First day that exists, in days since 1970-01-01 UTC. */
    readonly originDay: number,
  ) {
    this.checkpoints = [{ mid: character.startPrice, variance: 1, trend: 0 }]
    this.quiet = character.annualVolatility / Math.sqrt(minutesPerYear)
    this.trendDecay = 2 ** (-1 / character.trendHalfLife)
    this.trendScale = this.quiet * Math.sqrt(character.trendShare / (60 * (1 - character.trendShare)))
  }

  /** The minutes of a day; earlier than the origin there is nothing. */
  day(day: number): MarketDay {
    const known = this.days.get(day)
    if (known !== undefined) return known
    for (let next = this.originDay + this.checkpoints.length - 1; next < day; next += 1) this.walk(next)
    return this.walk(day)
  }

  private walk(day: number): MarketDay {
    const { character, quiet, trendDecay, trendScale } = this
    const { shock, persistence, jumpsPerDay, jumpScale, dailyVolumeQuote } = character
    const random = createRandom(`${this.seed}/day/${day}`)
    const trendNoise = trendScale * Math.sqrt(1 - trendDecay * trendDecay)
    let { mid, variance, trend } = this.checkpoints[day - this.originDay] as Checkpoint
    const columns = () => new Float64Array(minutesPerDay)
    const minutes: MarketDay = {
      mid: new Float64Array(minutesPerDay + 1),
      drift: columns(),
      jump: columns(),
      sigma: columns(),
      stress: columns(),
      volume: columns(),
    }
    for (let minute = 0; minute < minutesPerDay; minute += 1) {
      const rhythm = rhythmOf(day, minute)
      const stress = rhythm * Math.sqrt(variance)
      const sigma = quiet * stress
      const z = random.normal()
      trend = trendDecay * trend + trendNoise * random.normal()
      const drift = trend + sigma * z - (sigma * sigma) / 2
      const jumpSize = random.normal() * jumpScale * quiet
      const jump = random.next() < (jumpsPerDay * rhythm) / minutesPerDay ? jumpSize : 0
      const volume =
        (dailyVolumeQuote / minutesPerDay) * rhythm * stress ** 0.8 * Math.exp(0.5 * random.normal() - 0.125)
      minutes.mid[minute] = mid
      minutes.drift[minute] = drift
      minutes.jump[minute] = jump
      minutes.sigma[minute] = sigma
      minutes.stress[minute] = stress
      minutes.volume[minute] = volume
      mid *= Math.exp(drift + jump)
      variance = Math.min(40, 1 - persistence + shock * variance * z * z + (persistence - shock) * variance)
      // A jump frightens: volatility stays higher for a while after it.
      if (jump !== 0) variance = Math.min(40, variance + 1)
    }
    minutes.mid[minutesPerDay] = mid
    if (this.checkpoints.length === day - this.originDay + 1) this.checkpoints.push({ mid, variance, trend })
    this.days.set(day, minutes)
    if (this.days.size > keptDays) this.days.delete(this.days.keys().next().value as number)
    return minutes
  }
}

/** Activity by the hour (UTC, busiest at 15:00, quietest at 03:00) and by the day of the week, about 1 on the average. */
function rhythmOf(day: number, minute: number): number {
  const angle = (2 * Math.PI * (minute / 60 - 15)) / 24
  const daily = 1 + 0.3 * Math.cos(angle) + 0.08 * Math.cos(2 * angle)
  // 1970-01-01 was a Thursday.
  const weekday = (day + 3) % 7
  return weekday >= 5 ? daily * 0.75 : daily * 1.05
}
