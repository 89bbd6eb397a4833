import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The terminal: a page and its assets in `dist/terminal`, beside what tsup builds of the client. */
export default defineConfig({
  root: here('./terminal'),
  base: './',
  plugins: [react()],
  resolve: { tsconfigPaths: true },
  build: {
    outDir: here('./dist/terminal'),
    emptyOutDir: true,
    // Everything comes from its own address: the page allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    chunkSizeWarningLimit: 1_000,
  },
})
