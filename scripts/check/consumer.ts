import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageDirs } from '../workspace.js'
import { checkCommand, command, type Outcome, sum } from './step.js'

/**
 * A project outside the repository that has only what a user would install: the packed tarballs.
 *
 * Examples, READMEs and notebooks run in it, so they show what works for a user and not what works in a workspace.
 */
export interface Consumer {
  readonly dir: string
  readonly tarballs: readonly string[]
  close(): void
}

export function createConsumer(): Consumer {
  const dir = mkdtempSync(join(tmpdir(), 'barfinex-consumer-'))
  const manifest = { name: 'consumer', private: true, type: 'module' }
  writeFileSync(join(dir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return {
    dir,
    get tarballs() {
      return readdirSync(dir)
        .filter((file) => file.endsWith('.tgz'))
        .map((file) => join(dir, file))
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** Packs every package as it would be published. */
export async function pack(consumer: Consumer): Promise<Outcome> {
  const outcomes: Outcome[] = []
  for (const cwd of packageDirs()) {
    const args = ['--yes', 'pnpm@12', 'pack', '--pack-destination', consumer.dir]
    outcomes.push(await checkCommand('npx', args, { cwd }))
  }
  return sum(outcomes)
}

/** Installs into the consumer with npm, without running install scripts. */
export function npmInstall(consumer: Consumer, ...wanted: readonly string[]): Promise<{ ok: boolean; output: string }> {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  return command('npm', ['install', ...flags, ...wanted], { cwd: consumer.dir })
}
