import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

/**
 * One end as a file of plain JavaScript, as users get it: what runs TypeScript directly names every function that is made, and that
 * costs where a function is made per message. Returns its path.
 */
export async function buildEnd(): Promise<string> {
  const outDir = fileURLToPath(new URL('../../node_modules/.cache/bench-redis/', import.meta.url))
  await build({
    config: false,
    silent: true,
    clean: true,
    entry: { end: fileURLToPath(new URL('./end.ts', import.meta.url)) },
    outDir,
    format: 'esm',
    outExtension: () => ({ js: '.mjs' }),
    platform: 'node',
    target: 'node20',
    tsconfig: fileURLToPath(new URL('../../tsconfig.base.json', import.meta.url)),
    noExternal: [/.*/],
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
  })
  return `${outDir}end.mjs`
}
