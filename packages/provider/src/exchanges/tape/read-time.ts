/** Reads an instant as written in a column; `NaN` when the text does not follow the format or names no instant. */
export type TimeReader = (text: string) => number

const tokens = /YYYY|MM|DD|HH|mm|ss|S+/g
const dayMs = 86_400_000

interface Field {
  readonly start: number
  readonly length: number
}

/**
 * Makes a reader for a sidecar's `time`, `timeZone` and `date`. Formats:
 * - `milliseconds`, `seconds`, `microseconds`, `nanoseconds`: since 1970 UTC, whole numbers;
 * - `milliseconds of day`: since midnight of `date` in the time zone;
 * - a pattern of `YYYY MM DD HH mm ss S…` and anything between, such as `YYYYMMDD HH:mm`: wall time of the time zone.
 *
 * Returns what is wrong instead, when the format or the zone is not known.
 */
export function timeReader(format: string, timeZone: string, date: string | undefined): TimeReader | string {
  const toUtc = zoneReader(timeZone)
  if (toUtc === null) return `"${timeZone}" is not a time zone; write an IANA name such as "UTC" or "America/New_York"`
  const units: Readonly<Record<string, number>> = {
    seconds: 1e3,
    milliseconds: 1,
    microseconds: 1e-3,
    nanoseconds: 1e-6,
  }
  const factor = units[format]
  if (factor !== undefined) {
    return (text) =>
      /^\d+$/.test(text) ? Math.floor(factor >= 1 ? Number(text) * factor : Number(text) / (1 / factor)) : Number.NaN
  }
  if (format === 'milliseconds of day') {
    const midnight = Date.parse(`${date}T00:00:00Z`)
    return (text) => (/^\d+$/.test(text) && Number(text) < dayMs ? toUtc(midnight + Number(text)) : Number.NaN)
  }
  const fields = new Map<string, Field>()
  for (const match of format.matchAll(tokens)) {
    const name = match[0].startsWith('S') ? 'S' : match[0]
    if (fields.has(name)) return `the time format "${format}" names ${name} twice`
    fields.set(name, { start: match.index, length: match[0].length })
  }
  if (!fields.has('YYYY') || !fields.has('MM') || !fields.has('DD')) {
    return `"${format}" is not a time format; use milliseconds, seconds, "milliseconds of day" or a pattern such as "YYYY-MM-DD HH:mm:ss"`
  }
  const shape = new RegExp(
    `^${literally(format.replace(tokens, (it) => '#'.repeat(it.length))).replaceAll('#', '\\d')}$`,
  )
  const part = (text: string, name: string, absent: number) => {
    const field = fields.get(name)
    return field === undefined ? absent : Number(text.slice(field.start, field.start + field.length))
  }
  const fraction = fields.get('S')
  return (text) => {
    if (!shape.test(text)) return Number.NaN
    const [year, month, day] = [part(text, 'YYYY', 1970), part(text, 'MM', 1), part(text, 'DD', 1)]
    const [hour, minute, second] = [part(text, 'HH', 0), part(text, 'mm', 0), part(text, 'ss', 0)]
    if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return Number.NaN
    const wall = Date.UTC(year, month - 1, day, hour, minute, second)
    if (new Date(wall).getUTCDate() !== day) return Number.NaN
    const ms = fraction === undefined ? 0 : Math.floor((part(text, 'S', 0) * 1_000) / 10 ** fraction.length)
    return toUtc(wall + ms)
  }
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

/**
 * Wall time of a zone (written as if it were UTC) to UTC; `null` for a zone nobody knows. An hour that a clock change
 * leaves out is `NaN`. Of an hour that comes twice, the first is meant unless the reader has got that far already: rows
 * come in order.
 */
function zoneReader(timeZone: string): ((wall: number) => number) | null {
  if (timeZone === 'UTC') return (wall) => wall
  const offset = offsetReader(timeZone)
  if (offset === null) return null
  let newest = Number.NEGATIVE_INFINITY
  return (wall) => {
    // Both sides of a clock change within a day of here: at most two instants can carry this wall time.
    const before = wall - offset(wall - dayMs)
    const after = wall - offset(wall + dayMs)
    const isBefore = before + offset(before) === wall
    const isAfter = after + offset(after) === wall
    const [early, late] = before <= after ? [before, after] : [after, before]
    const utc = isBefore && isAfter ? (early > newest ? early : late) : isBefore ? before : isAfter ? after : Number.NaN
    if (!Number.isNaN(utc)) newest = utc
    return utc
  }
}

/** Milliseconds that a zone's clocks are ahead of UTC at an instant. Days without a clock change are asked for once. */
function offsetReader(timeZone: string): ((at: number) => number) | null {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return null
  }
  const exact = (at: number) => {
    const parts: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value)
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000
  }
  const midnights = new Map<number, number>()
  const atMidnight = (day: number) => {
    let offset = midnights.get(day)
    if (offset === undefined) {
      offset = exact(day * dayMs)
      midnights.set(day, offset)
    }
    return offset
  }
  return (at) => {
    const day = Math.floor(at / dayMs)
    const offset = atMidnight(day)
    return offset === atMidnight(day + 1) ? offset : exact(at)
  }
}
