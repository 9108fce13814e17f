import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { emoji } from './scripts/emoji.ts';

/** Where `vite` finds the server it stands in front of while developing. */
const SERVER = process.env.ROOST_SERVER ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [react(), emoji()],
  css: { transformer: 'lightningcss' },
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    manifest: true,
    // A data: font or style would be refused by the content security policy.
    assetsInlineLimit: 0,
    // The preload helper is an inline affair that the one entry does not need.
    modulePreload: { polyfill: false },
    // What may weigh how much is in budgets.json.
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      input: { app: 'index.html', sw: 'src/worker/worker.ts' },
      output: {
        // A worker is known by its address, which must stay; `scripts/release.mjs` completes it.
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        // What is always fetched together is one file each: by itself it would be sixty.
        codeSplitting: {
          groups: [
            {
              name: 'door',
              tags: ['$initial'],
              test: (id) => !/\/(worker\/|main\.tsx|index\.html)/.test(id),
              priority: 2,
            },
            { name: 'house', test: /\/app\/House\.tsx$/, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    // The server compares Origin with Host, so the browser's own Host has to arrive.
    proxy: {
      '/api': { target: SERVER, changeOrigin: false },
      '/health': { target: SERVER, changeOrigin: false },
      '/socket.io': { target: SERVER, changeOrigin: false, ws: true },
    },
  },
  test: {
    restoreMocks: true,
    // A busy machine is slow, not wrong.
    testTimeout: 30_000,
    // What thinks needs no browser; only what is shown is tested in a make-believe one.
    projects: [
      {
        extends: true,
        test: { name: 'chat', environment: 'node', include: ['src/**/*.test.ts', 'tests/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'components',
          environment: 'jsdom',
          include: ['src/**/*.test.tsx'],
          setupFiles: ['tests/support/setup.ts'],
        },
      },
    ],
  },
});
