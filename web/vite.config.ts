import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a running monitor. */
const MONITOR = process.env.MINUTEUR_URL ?? 'http://127.0.0.1:8060';

const EVERYWHERE =
  /node_modules\/(react|react-dom|scheduler|react-router|i18next|react-i18next|openapi-fetch|@tanstack\/(react-query|query-core))\//;

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Nothing may become a data: address, so that a strict Content-Security-Policy holds.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Libraries change seldom: a new release of ours leaves them in the browser's cache. Only
        // what every page needs: charts, forms and the like stay with the pages that show them.
        codeSplitting: { groups: [{ name: 'vendor', test: EVERYWHERE }] },
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
