import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BarfinexError } from '../runtime/error.js'
import { processSelf } from '../runtime/process-self.js'

/** Gives the directory back; harmless twice. */
export type Unlock = () => void

/**
 * Claims a directory for this process by a file that names it. A lock whose process is gone is taken over. Two processes on one
 * journal would write into each other's records, so a second claim is `journal.locked`.
 */
export function lockDirectory(directory: string): Unlock {
  const path = join(directory, 'lock')
  const self = processSelf()
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (claim(path, self.id)) {
      let isOurs = true
      return () => {
        if (isOurs) rmSync(path, { force: true })
        isOurs = false
      }
    }
    const owner = ownerOf(path)
    if (owner !== null && self.isAlive(owner.id, owner.since)) {
      throw new BarfinexError(
        'journal.locked',
        `The journal in ${directory} is open in process ${owner.id}. Stop that one, give this one a directory of its own, or open it with readOnly.`,
        { details: { processId: owner.id } },
      )
    }
    rmSync(path, { force: true })
  }
  throw new BarfinexError(
    'journal.locked',
    `The lock of the journal in ${directory} is being fought over. Try again.`,
    {
      retryable: true,
    },
  )
}

function claim(path: string, id: number): boolean {
  try {
    const descriptor = openSync(path, 'wx', 0o600)
    writeSync(descriptor, String(id))
    closeSync(descriptor)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code === undefined) throw error
    const message = `The journal directory "${dirname(path)}" cannot be written (${code}). Name one where this user may write.`
    throw new BarfinexError('options.invalid', message, { cause: error })
  }
}

/** Who holds the lock, and since when; `null` when it is just being given back. */
function ownerOf(path: string): { readonly id: number; readonly since: number } | null {
  try {
    return { id: Number(readFileSync(path, 'utf8')), since: statSync(path).mtimeMs }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
