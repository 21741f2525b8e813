import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a running monitor. */
const MONITOR = process.env.MINUTEUR_URL ?? 'http://127.0.0.1:8060';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Nothing may become a data: address, so that a strict Content-Security-Policy holds.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Libraries change seldom: a new release of ours leaves them in the browser's cache.
        advancedChunks: { groups: [{ name: 'vendor', test: /node_modules/ }] },
      },
    },
  },
  server: {
    proxy: { '/api': { target: MONITOR, ws: true, changeOrigin: false } },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
});
