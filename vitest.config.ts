import { defineConfig } from 'vitest/config'

export default defineConfig({
  // `@barfinex/*` is read from the `paths` of tsconfig.base.json, so tests run on sources and need no build.
  resolve: { tsconfigPaths: true },
  test: {
    include: ['packages/**/*.test.{ts,tsx}', 'e2e/**/*.test.ts', 'scripts/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
