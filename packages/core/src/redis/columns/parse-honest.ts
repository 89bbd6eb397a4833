/** Parses JSON. A name that reaches into the prototype of what it is copied to, written out or in escapes, is nobody's honest member. */
export function parseHonest(text: string): unknown {
  return text.includes('__proto__') || text.includes('\\u00') ? JSON.parse(text, refusePrototype) : JSON.parse(text)
}

function refusePrototype(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new Error('it names __proto__')
  return value
}
