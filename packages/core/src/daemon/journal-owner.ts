import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { entropy } from '../runtime/entropy.js'
import { BarfinexError } from '../runtime/error.js'
import { derivedId } from '../runtime/ids.js'

/**
 * Who this daemon is for leases: the same after a restart on its journal and machine, so that it takes its own lease back at once,
 * and another one everywhere else. Its journal's lock sees to it that there is only one of it at a time; never copy
 * the directory of a journal that is in use.
 */
export function ownerOf(directory: string, machine: string): string {
  const path = join(directory, 'owner')
  return derivedId('owner', textOf(path), machine)
}

function textOf(path: string): string {
  try {
    const text = readFileSync(path, 'utf8').trim()
    if (/^[A-Za-z0-9_-]{22,64}$/.test(text)) return text
    throw new BarfinexError('config.invalid', `"${path}" is damaged. Delete it when no daemon runs on this journal.`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const made = Buffer.from(entropy(24)).toString('base64url')
    // Whole or not at all: a process that is killed here must be able to start again.
    writeFileSync(`${path}.new`, made, { mode: 0o600 })
    renameSync(`${path}.new`, path)
    return made
  }
}
