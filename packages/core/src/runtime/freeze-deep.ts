/** Messages are trees; nothing that is one is this deep. A record that goes round in circles ends here. */
const deepest = 64

/**
 * Makes a record and everything in it unchangeable, and returns it. Views on memory (typed arrays) stay as they are: the engine
 * cannot freeze them.
 */
export function freezeDeep<Value>(value: Value): Value {
  freeze(value, 0)
  return value
}

function freeze(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > deepest || ArrayBuffer.isView(value)) return
  // One that is frozen already may still hold members that are not.
  if (!Object.isFrozen(value)) Object.freeze(value)
  for (const name in value) freeze((value as Record<string, unknown>)[name], depth + 1)
}
