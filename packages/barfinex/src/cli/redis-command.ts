import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BarfinexError, entropy } from '@barfinex/core'
import { type AccessListOptions, accessList } from '@barfinex/core/redis'
import { type Command, commonOptions } from './command.js'
import { exitCodes } from './output.js'
import { writeNew } from './write-new.js'

const users = ['provider', 'detector', 'advisor', 'inspector', 'studio', 'admin'] as const

/** Users and passwords for a Redis that daemons share. */
export const redisCommand: Command = {
  name: 'redis',
  words: 'DIR',
  help: 'makes a password for each service and the access list of a Redis server, in which Inspector alone writes order commands',
  options: [
    { name: 'namespace', value: 'NAME', help: 'daemon.redis.namespace of the services; barfinex when absent' },
    ...commonOptions,
  ],
  async run(args, output) {
    const [directory] = args.words
    if (directory === undefined) {
      throw new BarfinexError(
        'options.invalid',
        'Name a directory: barfinex redis DIR. It is made when it is not there.',
      )
    }
    const namespace = args.text('namespace') ?? 'barfinex'
    const passwords = Object.fromEntries(
      users.map((user) => [user, Buffer.from(entropy(32)).toString('base64url')]),
    ) as AccessListOptions['passwords']
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const accessListFile = resolve(join(directory, 'users.acl'))
    // Hashes of long random passwords: harmless, and nobody's business all the same.
    writeNew(accessListFile, accessList({ namespace, passwords }), 0o600)
    for (const user of users) writeNew(resolve(join(directory, `${user}.password`)), `${passwords[user]}\n`, 0o600)
    const text = [
      `Made ${users.length} users for the namespace ${namespace}.`,
      `  Redis:    aclfile ${accessListFile}`,
      `  services: daemon.redis.url = redis://SERVICE@…, daemon.redis.passwordFile = ${resolve(directory)}/SERVICE.password`,
      ...(namespace === 'barfinex'
        ? []
        : [
            `            daemon.redis.namespace must be ${namespace} for each of them: the users may touch nothing else.`,
          ]),
    ]
    output.result({ namespace, accessListFile, users }, text.join('\n'))
    return exitCodes.done
  },
}
