import { queries } from '../bus/queries.js'
import { type ServiceName, serviceName } from '../flow/7-service.js'
import { channels, flow } from '../flow/map.js'
import { sha256 } from '../journal/canonical.js'
import { addressesOf, addressOfWriter } from './address.js'
import { type Keys, keysOf } from './keys.js'

export interface AccessListOptions {
  readonly namespace?: string
  /** Password of each service's user, which is named after it, and of `admin`, who may do everything. The list holds their hashes. */
  readonly passwords: Readonly<Record<ServiceName | 'admin', string>>
}

type Channel = (typeof channels)[number]

/** What every connection does, whoever it belongs to: none of it touches a key. */
const greeting = 'ping hello client|setname select info function|list time'

/**
 * Nobody can be it: it is off and has no password. Its rights are not for connections but for Redis itself, which reads its
 * append-only file back as this user, and leaves out (without a word) every transaction that the user may not do.
 */
const unusable = 'user default off resetpass ~* &* +@all'

/**
 * The access list of a Redis server (`aclfile`): a user for each service, who may say what the flow map says it writes, and hear what
 * it reads. Saying and hearing are rights of their own, on streams, states and topics alike: who hears an account can not say one.
 *
 * Tighter than the map in three places. Order commands are Inspector's alone: the map lets Provider's HTTP door hand sealed ones on,
 * this list does not. What Studio says and hears goes through Provider's gateway, which speaks for it: its pages have no more than a
 * sign of life of their own. And each service's status and heartbeats have an address of their own, so that nobody looks alive but by himself.
 *
 * Inspector may load the bus's functions and gives a server's memory its name, for whoever may load functions can let others run what they are
 * not to; all other services wait until that is done.
 */
export function accessList({ namespace = 'barfinex', passwords }: AccessListOptions): string {
  const keys = keysOf(namespace)
  const lines = serviceName.options.map((service) => {
    const rights = [...rightsOf(service, keys)].filter((it) => it !== '').join(' ')
    return `user ${service} on #${sha256(passwords[service])} resetchannels ${rights}`
  })
  return [unusable, `user admin on #${sha256(passwords.admin)} ~* &* +@all`, ...lines, ''].join('\n')
}

/**
 * A command passes when the first set of rights or one of those in brackets allows it together with all its keys or topics; so each
 * bracket is one kind of act on one kind of name. What a function does on the server is checked command by command in the same way.
 */
function* rightsOf(service: ServiceName, keys: Keys): Iterable<string> {
  const written = channels.filter((it) => isWriter(service, it))
  const read = channels.filter((it) => isReader(service, it))
  const taken = channels.filter((it) => it.takenBy.some((by) => by === service)).map(({ name }) => name)
  const asked = Object.values(queries).filter(({ askedBy }) => askedBy.some((by) => by === service))
  const answered = Object.values(queries).filter(({ answeredBy }) => answeredBy === service)

  // Hearing.
  const heard = read.flatMap((it) => addressesOf(it as never))
  const durable = read.filter(isDurable).flatMap(({ name }) => [keys.stream(name), keys.ids(name)])
  const states = read.filter((it) => it.class === 'state').flatMap((it) => addressesOf(it as never))
  yield `${allow(greeting)} ${allow('subscribe unsubscribe fcall_ro get hget hgetall hkeys exists xrange xinfo|stream')}`
  yield [...durable, ...states.map(keys.state), keys.origin].map((key) => `%R~${key}`).join(' ')
  const answers = asked.length > 0 ? [keys.answers('*')] : []
  yield topics([...heard.map(keys.topic), ...answers, ...answered.map(({ name }) => keys.query(name))])

  // Saying.
  const speakers = service === 'provider' ? [service, 'studio' as const] : [service]
  const spokenOn = (it: Channel) =>
    it.speakerOf === null ? [it.name] : speakers.map((speaker) => addressOfWriter(it.name, speaker))
  const saying = [
    ...written.flatMap(spokenOn).map(keys.topic),
    ...asked.map(({ name }) => keys.query(name)),
    ...(answered.length > 0 ? [keys.answers('*')] : []),
  ]
  yield `(resetchannels ${allow('publish')} ${topics(saying)})`
  const streams = written.filter(isDurable).flatMap(({ name }) => [keys.stream(name), keys.ids(name)])
  const adding = 'fcall fcall_ro hmget hget hset hdel xadd xdel xlen xrange xpending xinfo|stream xinfo|groups exists'
  yield bracket(adding, streams)
  const said = written.filter((it) => it.class === 'state').flatMap(spokenOn)
  yield bracket('fcall hget hset', said.map(keys.state))

  // Taking part: groups, leases, and what only the first of all does.
  yield bracket(
    'xreadgroup xack xclaim xpending xinfo|consumers xgroup|create xgroup|delconsumer',
    taken.map(keys.stream),
  )
  if (taken.length > 0) yield `(${allow('xadd')} ${taken.map((name) => `%W~${keys.dead(name)}`).join(' ')})`
  const active = taken.flatMap((name) => [keys.active(name, service), keys.active(name, `${service}.*`)])
  const leases = [keys.lease(`${service}@*`), keys.fence(`${service}@*`)]
  yield bracket('fcall get set pexpire incr del', [...active, ...leases])
  if (service === 'inspector') yield `${allow('function|load')} ${bracket('fcall get set', [keys.origin])}`
  // Whether somebody who says that he is the next Inspector is one.
  if (service === 'provider') yield `(${allow('get')} %R~${keys.fence('inspector@*')})`
}

function allow(commands: string): string {
  return commands
    .split(' ')
    .map((it) => `+${it}`)
    .join(' ')
}

function bracket(commands: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `(${allow(commands)} ${names.map((name) => `~${name}`).join(' ')})`
}

function topics(names: readonly string[]): string {
  return names.map((name) => `&${name}`).join(' ')
}

function isDurable({ class: kind }: Channel): boolean {
  return kind === 'command' || kind === 'fact' || kind === 'settled'
}

function isWriter(service: ServiceName, channel: Channel): boolean {
  if (channel.name === flow.orderCommand.name) return service === 'inspector'
  if (service === 'studio') return channel.speakerOf !== null
  return channel.writtenBy.some((it) => it === service)
}

/** As the map says, and besides: everybody looks out for Provider, and Provider's gateway shows Studio everything. */
function isReader(service: ServiceName, channel: Channel): boolean {
  if (channel.speakerOf !== null || service === 'provider') return true
  if (service === 'studio') return false
  // Inspector takes over what was decided and filled from the bus where it has no journal.
  if (service === 'inspector' && (channel.class === 'command' || channel.class === 'fact')) return true
  return channel.readBy.some((it) => it === service)
}
