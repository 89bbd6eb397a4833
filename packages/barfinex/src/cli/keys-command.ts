import { join, resolve } from 'node:path'
import { BarfinexError, makeDirectory } from '@barfinex/core'
import { createApprovalKeys } from '@barfinex/core/daemon'
import { type Command, commonOptions } from './command.js'
import { exitCodes } from './output.js'
import { writeNew } from './write-new.js'

/** The two halves by which Inspector's approvals are known between daemons. */
export const keysCommand: Command = {
  name: 'keys',
  words: 'DIR',
  help: 'makes a pair of keys for approvals between daemons: the private half for Inspector, the public one for Provider',
  options: commonOptions,
  async run(args, output) {
    const [directory] = args.words
    if (directory === undefined) {
      throw new BarfinexError(
        'options.invalid',
        'Name a directory: barfinex keys DIR. It is made when it is not there.',
      )
    }
    const { keyId, privateKeyPem, publicKeyPem } = createApprovalKeys()
    makeDirectory(directory)
    const privateKeyFile = resolve(join(directory, 'approval.key'))
    const publicKeyFile = resolve(join(directory, 'approval.pub'))
    writeNew(privateKeyFile, privateKeyPem, 0o600)
    writeNew(publicKeyFile, publicKeyPem, 0o644)
    const text = [
      `Made the pair ${keyId}.`,
      `  Inspector: daemon.approvals.privateKeyFile = ${privateKeyFile}`,
      `  Provider:  daemon.approvals.publicKeys = [${publicKeyFile}]`,
      'Whoever has the private half can approve any order: it stays on the machine of Inspector.',
    ]
    output.result({ keyId, privateKeyFile, publicKeyFile }, text.join('\n'))
    return exitCodes.done
  },
}
