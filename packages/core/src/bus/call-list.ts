import type { Envelope } from './envelope.js'
import type { Reader, Route } from './route.js'

/** Calls readers in order. Returns -1 when all are done, or how many were called when the readers changed or one threw. */
export type CallList = (envelope: Envelope<never>) => number

/** The same for a route on which everybody watches: nobody needs an envelope, so none is made. */
export type WatchList = (payload: never, occurredAt: number) => number

/** What a call list does when a reader is not simple. */
export interface CallListEvents {
  /** A reader returned something: a promise, perhaps. */
  readonly onResult: (route: Route, reader: Reader, result: unknown) => void
  readonly onFault: (route: Route, reader: Reader, error: unknown) => void
}

/** True where code may be made from text; a content security policy or a flag of Node can forbid it. */
export function canGenerateCode(): boolean {
  try {
    return new Function('return true')() === true
  } catch {
    return false
  }
}

/**
 * Writes out the calls to a route's readers as a function of its own. With its own call sites the engine can put each reader's
 * code in place of the call; a loop over an array of functions cannot have that and is 10 to 30 times slower (`bench/bus`).
 */
export function compileCallList(route: Route, events: CallListEvents): CallList {
  const takes = route.readers.map((reader) => reader.take)
  return compile(route, events, takes, 'envelope') as CallList
}

/** As {@link compileCallList}, or `null` when a reader wants envelopes. */
export function compileWatchList(route: Route, events: CallListEvents): WatchList | null {
  const watches = route.readers.flatMap(({ watch }) => (watch === null ? [] : [watch]))
  if (watches.length < route.readers.length) return null
  return compile(route, events, watches, 'payload, occurredAt') as WatchList
}

/** The text contains nothing but names and numbers of our own making. */
function compile(route: Route, events: CallListEvents, calls: readonly unknown[], parameters: string): unknown {
  const { topic, version, readers } = route
  const names = calls.map((_, index) => `call${index}`)
  const lines = names.flatMap((name, index) => [
    `result = ${name}(${parameters})`,
    `called = ${index + 1}`,
    `if (result !== undefined) onResult(route, readers[${index}], result)`,
    index === names.length - 1 ? '' : `if (topic.version !== version) return ${index + 1}`,
  ])
  const source = `'use strict'
return (${parameters}) => {
  let called = 0
  let result
  try {
    ${lines.join('\n    ')}
  } catch (error) {
    onFault(route, readers[called], error)
    return called + 1
  }
  return -1
}`
  const given = ['route', 'topic', 'version', 'readers', 'onResult', 'onFault']
  const make = new Function(...given, ...names, source)
  return make(route, topic, version, readers, events.onResult, events.onFault, ...calls)
}
