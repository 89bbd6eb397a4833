import type { ServiceName } from '../flow/7-service.js'
import { channels, flow } from '../flow/map.js'
import { sha256 } from '../journal/canonical.js'
import { keysOf } from './keys.js'

export interface AccessListOptions {
  readonly namespace?: string
  /** Password of each service's user, which is named after it, and of `admin`, who may do everything. The list holds their hashes. */
  readonly passwords: Readonly<Record<ServiceName | 'admin', string>>
}

type Channel = (typeof channels)[number]

/** What the bus itself asks of the server, whoever uses it. */
const commands = [
  'fcall fcall_ro publish subscribe unsubscribe ping hello client|setname select info function|list',
  'hget hmget hgetall hkeys hset hdel xadd xdel xlen xrange xpending xinfo|stream xinfo|groups xinfo|consumers exists time',
  'set get pexpire incr del',
]
  .join(' ')
  .split(' ')
  .map((it) => `+${it}`)
  .join(' ')

/** What the reader of a group does with a stream it may not write: take entries, acknowledge them, never add any. */
const groupCommands = 'xreadgroup xack xclaim xpending xrange xinfo|consumers xgroup|create xgroup|delconsumer'
  .split(' ')
  .map((it) => `+${it}`)
  .join(' ')

/**
 * Nobody can be it: it is off and has no password. Its rights are not for connections but for Redis itself, which reads its
 * append-only file back as this user, and leaves out (without a word) every transaction that the user may not do.
 */
const unusable = 'user default off resetpass ~* &* +@all'

const services: readonly ServiceName[] = ['provider', 'detector', 'advisor', 'inspector', 'studio']

/**
 * The access list of a Redis server (`aclfile`): a user for each service, who may write what the flow map says it writes and read what
 * it reads. Order commands are Inspector's alone: the flow map lets Provider's HTTP door hand sealed ones on, this list does not.
 *
 * Inspector may load the bus's functions, for whoever may load them can let others run what they are not to; all other services wait
 * until they are there.
 */
export function accessList({ namespace = 'barfinex', passwords }: AccessListOptions): string {
  const lines = services.map((service) => userLine(service, namespace, passwords[service]))
  return [unusable, `user admin on #${sha256(passwords.admin)} ~* &* +@all`, ...lines, ''].join('\n')
}

function userLine(service: ServiceName, namespace: string, password: string): string {
  const keys = keysOf(namespace)
  const written = channels.filter((it) => isWriter(service, it))
  const read = channels.filter((it) => isReader(service, it))
  const owed = read.filter((it) => it.class === 'command' || it.class === 'fact' || it.class === 'settled')
  const rules = [
    'on',
    `#${sha256(password)}`,
    commands,
    service === 'inspector' ? '+function|load' : '',
    `%R~${keys.stream('*')} %R~${keys.ids('*')} %R~${keys.state('*')}`,
    ...written.map(({ name, class: kind }) =>
      kind === 'state'
        ? `~${keys.state(name)}`
        : kind === 'live' || kind === 'heartbeat'
          ? ''
          : `~${keys.stream(name)} ~${keys.ids(name)}`,
    ),
    ...owed.map(({ name }) => `~${keys.dead(name)} ~${keys.active(name, `${service}*`)}`),
    `~${keys.lease(`${service}@*`)} ~${keys.fence(`${service}@*`)} ~${keys.origin}`,
    ...[...new Set([...written, ...read])].map(({ name }) => `&${keys.topic(name)}`),
    `&${keys.query('*')} &${keys.answers('*')}`,
    owed.length === 0 ? '' : `(${groupCommands} ${owed.map(({ name }) => `~${keys.stream(name)}`).join(' ')})`,
  ]
  return `user ${service} ${rules.filter((it) => it !== '').join(' ')}`
}

function isWriter(service: ServiceName, channel: Channel): boolean {
  if (channel.name === flow.orderCommand.name) return service === 'inspector'
  return channel.writtenBy.some((it) => it === service)
}

/** As the map says, and besides: everybody looks out for Provider, and Provider's gateway shows Studio everything. */
function isReader(service: ServiceName, channel: Channel): boolean {
  if (channel.name === flow.serviceStatus.name || channel.name === flow.heartbeat.name) return true
  if (service === 'provider') return true
  // Inspector takes over what was decided and filled from the bus where it has no journal.
  if (service === 'inspector' && (channel.class === 'command' || channel.class === 'fact')) return true
  return channel.readBy.some((it) => it === service)
}
