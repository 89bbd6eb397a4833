/** Text for people: fixed widths, UTC, no locale surprises. */

const dash = '–'

/** Digits after the point that a step such as `0.01` has. */
export function digitsOf(step: string | undefined): number {
  const point = step?.indexOf('.') ?? -1
  return step === undefined || point < 0 ? 0 : step.length - point - 1
}

/** `1234.5` as `1,234.50`. */
export function amount(value: string | number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || value === '') return dash
  const number = Number(value)
  if (!Number.isFinite(number)) return dash
  return number.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** With its sign, also when it is positive. */
export function signedAmount(value: string | number | null | undefined, digits = 2): string {
  const text = amount(value, digits)
  return Number(value) > 0 ? `+${text}` : text.replace('-', '−')
}

/** A decimal quantity as it is, with thousands apart. */
export function quantity(value: string | null | undefined): string {
  if (value === null || value === undefined) return dash
  const [whole = '', fraction] = value.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** A share of one as percent. */
export function percent(share: number | null | undefined, digits = 2): string {
  return share === null || share === undefined ? dash : `${(share * 100).toFixed(digits)}%`
}

/** At most so many significant digits. */
export function compact(value: number | null | undefined, digits = 5): string {
  if (value === null || value === undefined) return dash
  if (value === 0) return '0'
  return String(Number(value.toPrecision(digits)))
}

export function clockTime(at: number | null | undefined): string {
  return at === null || at === undefined || at === 0 ? dash : new Date(at).toISOString().slice(11, 19)
}

export function dateTime(at: number | null | undefined): string {
  return at === null || at === undefined || at === 0 ? dash : new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

/** `90_000` as `1m 30s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  const seconds = Math.floor(ms / 1_000)
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  return parts
    .filter(([count]) => count > 0)
    .slice(0, 2)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ')
}

/** Up, down or neither: a class name and nothing else. */
export function tone(value: string | number | null | undefined): string {
  const number = Number(value ?? 0)
  return number > 0 ? 'up' : number < 0 ? 'down' : ''
}

/** `partiallyFilled` as `partially filled`. */
export function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** What a cell of measured values shows; an instant (`expiresAt`) as a time. */
export function measure(value: unknown, name = ''): string {
  if (typeof value === 'number') return /(At|asOf)$/.test(name) && value > 1e11 ? dateTime(value) : compact(value)
  if (value === null || value === undefined) return dash
  return String(value)
}

/** A symbol where there is little room: a perpetual contract is `ETH/USDT.P`, a dated one `ETH/USDT.260327`. */
export function shortSymbol(symbol: string): string {
  const [pair = symbol, settle] = symbol.split(':')
  if (settle === undefined) return pair
  const [, expiry] = settle.split('-')
  return `${pair}.${expiry ?? 'P'}`
}
