type Fields = Readonly<Record<string, unknown>>

/** What an event says, whichever frame it comes in: bare, of a combined stream, or of user data. A list of events says nothing. */
export function eventFields(frame: string): Fields {
  const whole = JSON.parse(frame) as Fields
  const part = wrapping(whole)
  return part === undefined ? whole : (whole[part] as Fields)
}

/** A frame of which the event has other values in `set` and lacks what is in `remove`. */
export function rewritten(frame: string, set: Fields, remove: readonly string[]): string {
  const whole = JSON.parse(frame) as Fields
  if (Array.isArray(whole)) return frame
  const part = wrapping(whole)
  const event = Object.entries({ ...eventFields(frame), ...set }).filter(([name]) => !remove.includes(name))
  const changed = Object.fromEntries(event)
  return JSON.stringify(part === undefined ? changed : { ...whole, [part]: changed })
}

function wrapping(whole: Fields): 'data' | 'event' | undefined {
  return (['data', 'event'] as const).find((it) => isObject(whole[it]))
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
