import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Options } from 'tsup'
import { manifestOf } from './workspace.js'

/** The source file behind a published subpath: `./redis` is `src/redis.ts` or `src/redis/index.ts`. */
export function doorOf(packageDir: string, subpath: string): string {
  if (subpath === '.') return 'src/index.ts'
  const file = `src/${subpath.slice(2)}.ts`
  return existsSync(join(packageDir, file)) ? file : `src/${subpath.slice(2)}/index.ts`
}

/** Entry files of a package by output name, as its package.json promises them: every export and every bin. */
export function entriesOf(packageDir: string): Readonly<Record<string, string>> {
  const { bin = {}, exports } = manifestOf(packageDir)
  const entries: Record<string, string> = {}
  for (const subpath of Object.keys(exports)) {
    if (subpath !== './package.json')
      entries[subpath === '.' ? 'index' : subpath.slice(2)] = doorOf(packageDir, subpath)
  }
  for (const target of Object.values(bin)) {
    const name = target.replace(/^\.\/dist\//, '').replace(/\.js$/, '')
    entries[name] = `src/${name}.ts`
  }
  return entries
}

/**
 * The one tsup configuration of all packages, to be used with the package as working directory.
 *
 * Both formats share chunks between entries, so that a class imported through two subpaths of a package is one class.
 * A start needs the JavaScript that this machine runs, a publication also CommonJS, declarations and source maps.
 */
export function packageConfig(packageDir: string, level: 'start' | 'publish'): Options {
  const publish = level === 'publish'
  return {
    entry: { ...entriesOf(packageDir) },
    outDir: 'dist',
    tsconfig: 'tsconfig.json',
    format: publish ? ['esm', 'cjs'] : ['esm'],
    // Without `paths`, declarations are made against the built declarations of other packages, as a user sees them.
    dts: publish && { compilerOptions: { paths: {}, noEmit: false } },
    target: 'node20',
    splitting: true,
    sourcemap: publish,
    clean: true,
    silent: true,
    shims: true,
    removeNodeProtocol: false,
    esbuildOptions(options) {
      // esbuild keeps the working directory it was started in.
      options.absWorkingDir = packageDir
    },
  }
}
