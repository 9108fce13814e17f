import { defineConfig } from '@playwright/test';

// Debian's Chromium: nothing is downloaded to run these tests. It may run as
// root in a container, and must not call home.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default defineConfig({
  // `npm run measure` plays the second, which judges nothing.
  projects: [
    { name: 'e2e', testDir: 'tests/e2e' },
    { name: 'measure', testDir: 'tests/measure' },
  ],
  timeout: 120_000,
  expect: { timeout: 30_000 },
  // Most of a test is waiting for somebody: two keep two cores busy.
  workers: 2,
  forbidOnly: true,
  reporter: 'list',
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    // Recording costs a fifth of the whole: `TRACE=1` does it, and keeps what failed.
    trace: process.env.TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS },
  },
});
