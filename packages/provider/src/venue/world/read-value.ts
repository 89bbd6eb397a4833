import { Decimal } from '@barfinex/core'
import { VenueError, type VenueParams } from '../venue-world.js'
import { type Units, unitsOf } from './amount.js'

const decimalText = /^[0-9]{1,20}(\.[0-9]{1,20})?$/

/** A parameter that must be there; -1102 without it. */
export function required(params: VenueParams, name: string): string {
  const value = params[name]
  if (value === undefined || value === '') {
    throw new VenueError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`)
  }
  return value
}

/** -1106 when a parameter is there that its order has no use for. */
export function unwanted(params: VenueParams, name: string): void {
  if (params[name] !== undefined) throw new VenueError(-1106, `Parameter '${name}' sent when not required.`)
}

/** Decimal text in units: -1100 for what is no number, -1111 for more than 8 digits after the point. */
export function amountIn(params: VenueParams, name: string): Units | null {
  const given = params[name]
  if (given === undefined) return null
  const text = plainNumber(given)
  if (text === null) {
    const legal = "legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'"
    throw new VenueError(-1100, `Illegal characters found in parameter '${name}'; ${legal}.`)
  }
  const [, fraction = ''] = text.split('.')
  if (fraction.replace(/0+$/, '').length > 8) {
    throw new VenueError(-1111, `Parameter '${name}' has too much precision.`)
  }
  return unitsOf(text)
}

export function requiredAmount(params: VenueParams, name: string): Units {
  required(params, name)
  return amountIn(params, name) as Units
}

/** A whole number; `undefined` when it is not there. */
export function integerIn(params: VenueParams, name: string): number | undefined {
  const given = params[name]
  if (given === undefined) return undefined
  if (!/^[0-9]{1,16}$/.test(given)) {
    throw new VenueError(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`)
  }
  return Number(given)
}

/** `limit` of a list: its usual value, and the most that is given whatever is asked. */
export function limitIn(params: VenueParams, usual: number, most: number): number {
  const limit = integerIn(params, 'limit')
  if (limit === 0) throw new VenueError(-1130, "Data sent for parameter 'limit' is not valid.")
  return Math.min(limit ?? usual, most)
}

/** Clients that send numbers write small ones as `1e-7`. */
function plainNumber(given: string): string | null {
  if (decimalText.test(given)) return given
  if (!/^[0-9.]{1,20}e-[0-9]{1,2}$/i.test(given)) return null
  const value = Number(given)
  return Number.isFinite(value) ? Decimal.fromNumber(value).toString() : null
}
