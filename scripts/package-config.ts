import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Options } from 'tsup'

interface Manifest {
  readonly bin?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}

/** The source file behind a published subpath: `./redis` is `src/redis.ts` or `src/redis/index.ts`. */
export function doorOf(packageDir: string, subpath: string): string {
  if (subpath === '.') return 'src/index.ts'
  const name = subpath.slice(2)
  const file = `src/${name}.ts`
  return existsSync(join(packageDir, file)) ? file : `src/${name}/index.ts`
}

/** Entry files of a package, by output name, as its package.json promises them: every export and every bin. */
export function entriesOf(packageDir: string): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as Manifest
  const entries: Record<string, string> = {}
  for (const subpath of Object.keys(manifest.exports)) {
    if (subpath === './package.json') continue
    entries[subpath === '.' ? 'index' : subpath.slice(2)] = doorOf(packageDir, subpath)
  }
  for (const target of Object.values(manifest.bin ?? {})) {
    const name = target.replace(/^\.\/dist\//, '').replace(/\.js$/, '')
    entries[name] = `src/${name}.ts`
  }
  return entries
}

/**
 * The one tsup configuration of all packages: ESM, CommonJS and declarations for each entry in package.json.
 *
 * Both formats share chunks, so a class imported through two subpaths of a package is one class.
 * `BARFINEX_BUILD_TYPES=0` leaves declarations out, which is what a fast start wants.
 */
export function packageConfig(packageDir: string): Options {
  return {
    entry: entriesOf(packageDir),
    format: ['esm', 'cjs'],
    // Without `paths`, declarations are made against the built declarations of other packages, as a user sees them.
    dts: process.env['BARFINEX_BUILD_TYPES'] === '0' ? false : { compilerOptions: { paths: {}, noEmit: false } },
    target: 'node20',
    splitting: true,
    sourcemap: true,
    clean: true,
    silent: true,
    shims: true,
    removeNodeProtocol: false,
    outDir: 'dist',
  }
}
