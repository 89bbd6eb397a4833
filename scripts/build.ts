/**
 * Builds the packages.
 *
 *   tsx scripts/build.ts            ESM and CommonJS with declarations, as published
 *   tsx scripts/build.ts --changed  only packages whose sources changed, JavaScript only: what a fast start needs
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { entriesOf, packageConfigs } from './package-config.js'
import { packageDirs, root } from './workspace.js'

type Level = 'start' | 'publish'

interface Stamp {
  readonly hash: string
  readonly level: Level
}

const SHARED_INPUTS = ['tsconfig.base.json', 'pnpm-lock.yaml', 'scripts/build.ts', 'scripts/package-config.ts']
const BUILT_OR_FOREIGN = new Set(['dist', 'node_modules', '.cache', '.turbo'])

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => !BUILT_OR_FOREIGN.has(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(dir, entry.name)) : [join(dir, entry.name)]))
    .sort()
}

function sourceHash(dir: string): string {
  const hash = createHash('sha256')
  for (const file of SHARED_INPUTS) hash.update(readFileSync(join(root, file)))
  for (const file of filesUnder(dir)) hash.update(file.slice(dir.length)).update(readFileSync(file))
  return hash.digest('hex')
}

function stampFile(dir: string): string {
  return join(dir, 'node_modules/.cache/barfinex/build.json')
}

function isBuilt(dir: string, hash: string): boolean {
  if (!existsSync(stampFile(dir))) return false
  const stamp = JSON.parse(readFileSync(stampFile(dir), 'utf8')) as Stamp
  return stamp.hash === hash && Object.keys(entriesOf(dir)).every((name) => existsSync(join(dir, `dist/${name}.js`)))
}

/** Declarations for `require`: those for `import`, with the names of the CommonJS files. */
function copyDeclarations(dist: string): void {
  for (const file of readdirSync(dist).filter((it) => it.endsWith('.d.ts'))) {
    const text = readFileSync(join(dist, file), 'utf8')
    const renamed = text.replaceAll(/(\bfrom |\bimport\()(['"]\.[^'"]*)\.js(['"])/g, '$1$2.cjs$3')
    writeFileSync(join(dist, file.replace(/\.d\.ts$/, '.d.cts')), renamed)
  }
}

async function buildPackage(dir: string, level: Level): Promise<void> {
  const { build } = await import('tsup')
  // tsup reads what is external from the package.json of the working directory.
  process.chdir(dir)
  for (const config of packageConfigs(dir, level)) await build({ ...config, config: false })
  if (level === 'publish') copyDeclarations(join(dir, 'dist'))
  if (existsSync(join(dir, 'vite.config.ts'))) {
    const vite = await import('vite')
    await vite.build({ configFile: join(dir, 'vite.config.ts'), logLevel: 'warn' })
  }
}

function writeStamp(dir: string, stamp: Stamp): void {
  mkdirSync(dirname(stampFile(dir)), { recursive: true })
  writeFileSync(stampFile(dir), JSON.stringify(stamp))
}

const changedOnly = process.argv.includes('--changed')
const level: Level = changedOnly ? 'start' : 'publish'
// In order of dependence: declarations are made against those of the packages below.
const hashes = new Map(packageDirs().map((dir) => [dir, sourceHash(dir)]))
const due = [...hashes].filter(([dir, hash]) => !changedOnly || !isBuilt(dir, hash))

if (due.length > 0) process.stderr.write(`Building ${due.length} of ${hashes.size} packages …\n`)
for (const [dir, hash] of due) {
  await buildPackage(dir, level)
  writeStamp(dir, { hash, level })
}
