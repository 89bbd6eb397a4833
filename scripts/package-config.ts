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

/** A door that loads in ES modules only has no `require` condition. */
const isRequirable = (conditions: unknown): boolean =>
  typeof conditions === 'object' && conditions !== null && 'require' in conditions

/** Entry files of a package by output name, as its package.json promises them: every export and every bin. */
export function entriesOf(packageDir: string, format: 'esm' | 'cjs' = 'esm'): Readonly<Record<string, string>> {
  const { bin = {}, exports } = manifestOf(packageDir)
  const entries: Record<string, string> = {}
  for (const [subpath, conditions] of Object.entries(exports)) {
    if (subpath === './package.json' || (format === 'cjs' && !isRequirable(conditions))) continue
    entries[subpath === '.' ? 'index' : subpath.slice(2)] = doorOf(packageDir, subpath)
  }
  if (format === 'cjs') return entries
  for (const target of Object.values(bin)) {
    const name = target.replace(/^\.\/dist\//, '').replace(/\.js$/, '')
    entries[name] = `src/${name}.ts`
  }
  return entries
}

/**
 * The one tsup configuration of all packages, to be used with the package as working directory: first the ES modules, then
 * CommonJS.
 *
 * Each format shares chunks between entries, so that a class imported through two subpaths of a package is one class.
 * A start needs the JavaScript that this machine runs, a publication also CommonJS, declarations and source maps.
 */
export function packageConfigs(packageDir: string, level: 'start' | 'publish'): readonly Options[] {
  const publish = level === 'publish'
  const config = (format: 'esm' | 'cjs'): Options => ({
    entry: { ...entriesOf(packageDir, format) },
    outDir: 'dist',
    tsconfig: 'tsconfig.json',
    format,
    // Those of CommonJS are copies (see build.ts): compiling the types twice would double the time of a build.
    // Without `paths`, declarations are made against the built declarations of other packages, as a user sees them.
    dts: publish && format === 'esm' && { compilerOptions: { paths: {}, noEmit: false } },
    target: 'node20',
    splitting: true,
    sourcemap: publish,
    clean: format === 'esm',
    silent: true,
    shims: true,
    removeNodeProtocol: false,
    esbuildOptions(options) {
      // esbuild keeps the working directory it was started in.
      options.absWorkingDir = packageDir
    },
  })
  return publish ? [config('esm'), config('cjs')] : [config('esm')]
}
