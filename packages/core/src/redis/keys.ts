import { z } from 'zod'

/**
 * Names of everything a bus keeps on a Redis server. All begin with `bfx:<namespace>:`, and those of a channel end in its
 * name, so that an access list can say which service may write which channel.
 */
export interface Keys {
  /** Stream of a channel of commands, facts or settled data. */
  stream(channel: string): string
  /** Hash from message id to stream id: what is there already is not added again. Under the empty name: the newest stream id. */
  ids(channel: string): string
  /** Hash of the last value of each key of a state channel. */
  state(channel: string): string
  /** Pub/Sub topic of a channel. */
  topic(channel: string): string
  /** Who is the active member of a group. */
  active(channel: string, group: string): string
  /** Stream of messages set aside. */
  dead(channel: string): string
  /** Topic on which a query is asked, and the one on which a process gets its answers. */
  query(name: string): string
  answers(member: string): string
  /** A lease and the counter of its holders. */
  lease(name: string): string
  fence(name: string): string
  /** Random text that is made when a server has nothing of this namespace: another one is another memory. */
  readonly origin: string
}

/** Text that becomes part of a key. */
export const namePart = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.@/-]{0,119}$/,
    'letters, digits and _ . @ / - (at most 120, beginning with a letter or digit)',
  )

/** Makes the names of a namespace. */
export function keysOf(namespace: string): Keys {
  const root = `bfx:${namespace}`
  return {
    stream: (channel) => `${root}:stream:${channel}`,
    ids: (channel) => `${root}:ids:${channel}`,
    state: (channel) => `${root}:state:${channel}`,
    topic: (channel) => `${root}:topic:${channel}`,
    active: (channel, group) => `${root}:active:${group}:${channel}`,
    dead: (channel) => `${root}:dead:${channel}`,
    query: (name) => `${root}:query:${name}`,
    answers: (member) => `${root}:answers:${member}`,
    lease: (name) => `${root}:lease:${name}`,
    fence: (name) => `${root}:fence:${name}`,
    origin: `${root}:origin`,
  }
}
