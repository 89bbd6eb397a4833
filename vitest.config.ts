import { defineConfig } from 'vitest/config'

const long = process.env['BARFINEX_TEST_LONG'] === '1'

export default defineConfig({
  // `@barfinex/*` is read from the `paths` of tsconfig.base.json, so tests run on sources and need no build.
  resolve: { tsconfigPaths: true },
  test: {
    include: ['packages/**/*.test.{ts,tsx}', 'e2e/**/*.test.ts', 'scripts/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'threads',
    maxWorkers: 2,
    // Nets for what hangs, not bounds on speed.
    testTimeout: long ? 60 * 60_000 : 180_000,
    hookTimeout: 300_000,
  },
})
