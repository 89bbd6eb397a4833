import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../workspace.js'
import type { Outcome } from './step.js'

const file = join(root, '.cache/test-long.json')

interface Kept {
  readonly tree: string
  readonly done: Readonly<Record<string, Outcome>>
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
}

/** What is being tested: the commit and everything that differs from it. */
function treeHash(): string {
  const hash = createHash('sha256').update(git('rev-parse', 'HEAD')).update(git('diff', 'HEAD'))
  for (const path of git('ls-files', '-z', '--others', '--exclude-standard').split('\0')) {
    if (path !== '') hash.update(path).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex')
}

/** Steps that a long run has passed already. Any change of the tree begins anew. */
export interface Progress {
  of(step: string): Outcome | undefined
  keep(step: string, outcome: Outcome): void
}

export function loadProgress(): Progress {
  const tree = treeHash()
  const kept: Kept | undefined = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : undefined
  let done = kept?.tree === tree ? kept.done : {}
  return {
    of: (step) => done[step],
    keep(step, outcome) {
      done = { ...done, [step]: outcome }
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, JSON.stringify({ tree, done } satisfies Kept))
    },
  }
}
