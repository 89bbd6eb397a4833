import { lstatSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { environmentOf } from '../runtime/environment.js'
import { BarfinexError } from '../runtime/error.js'
import type { ReadVariable } from './daemon-plan.js'

/** What a secret file is, for whoever has to mend it. */
export interface SecretFile {
  /** `The approval key`. */
  readonly what: string
  /** The command that makes one. */
  readonly madeBy: string
}

/**
 * Reads a secret from a plain file that nobody but its owner may read. systemd gives the files directly in `$CREDENTIALS_DIRECTORY` to
 * one service alone and shows that right as the group's, so there the group may read. Throws `config.not-found` and `config.invalid`.
 */
export function readPrivateFile(
  path: string,
  { what, madeBy }: SecretFile,
  environment: ReadVariable = environmentOf,
): string {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) {
    const message = `${what}: there is no file "${path}". Make one with \`${madeBy}\`, or correct the path.`
    throw new BarfinexError('config.not-found', message)
  }
  if (!stat.isFile()) throw new BarfinexError('config.invalid', `${what}: "${path}" is not a plain file.`)
  const forbidden = isCredential(path, environment) ? 0o037 : 0o077
  if ((stat.mode & forbidden) !== 0) {
    throw new BarfinexError(
      'config.invalid',
      `${what}: "${path}" can be read by others. Run \`chmod 600\` on it; what others may have read should be replaced.`,
    )
  }
  return readFileSync(path, 'utf8')
}

function isCredential(path: string, environment: ReadVariable): boolean {
  const directory = environment('CREDENTIALS_DIRECTORY')
  return directory !== undefined && directory !== '' && dirname(resolve(path)) === resolve(directory)
}
