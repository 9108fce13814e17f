import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `vite` finds the server it stands in front of while developing. */
const SERVER = process.env.ROOST_SERVER ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    manifest: true,
    // A data: font or style would be refused by the content security policy.
    assetsInlineLimit: 0,
    // The preload helper is an inline affair that the one entry does not need.
    modulePreload: { polyfill: false },
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
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['tests/support/setup.ts'],
    restoreMocks: true,
  },
});
