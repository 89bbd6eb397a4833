import { BarfinexError } from '@barfinex/core'

const maxDepth = 32
const maxKeys = 1_000
const maxItems = 10_000
const maxStringLength = 65_536
const poisoned = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads JSON from outside. Refuses what could hurt before anything is built of it: more than 32 levels, 1,000 keys or 10,000
 * items, strings over 64 kB, and keys that reach into prototypes. Throws `gateway.bad-request`.
 */
export function parseGuardedJson(text: string): unknown {
  refuseShape(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refusal('The body is not JSON.')
  }
  refusePoison(value)
  return value
}

function refusal(message: string): BarfinexError {
  return new BarfinexError('gateway.bad-request', message)
}

/** One pass over the text, so that a bomb costs no more than reading it. */
function refuseShape(text: string): void {
  let depth = 0
  let keys = 0
  let items = 0
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case 0x22: {
        const start = index
        for (index += 1; index < text.length && text.charCodeAt(index) !== 0x22; index += 1) {
          if (text.charCodeAt(index) === 0x5c) index += 1
        }
        if (index - start > maxStringLength) throw refusal(`A string is longer than ${maxStringLength} characters.`)
        break
      }
      case 0x7b:
      case 0x5b:
        depth += 1
        if (depth > maxDepth) throw refusal(`It is nested more than ${maxDepth} levels deep.`)
        break
      case 0x7d:
      case 0x5d:
        depth -= 1
        break
      case 0x3a:
        keys += 1
        if (keys > maxKeys) throw refusal(`It has more than ${maxKeys} keys.`)
        break
      case 0x2c:
        items += 1
        if (items > maxItems) throw refusal(`It has more than ${maxItems} items.`)
    }
  }
}

/** After parsing, because a key can be spelled with escapes. */
function refusePoison(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) {
    for (const key of Object.keys(value)) {
      if (poisoned.has(key)) throw refusal(`The key "${key}" is not allowed.`)
    }
  }
  for (const member of Object.values(value)) refusePoison(member)
}
