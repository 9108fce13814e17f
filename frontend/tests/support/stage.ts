/** Builds the stage (`tests/stage`) once and opens it for a test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from '@playwright/test';
import react from '@vitejs/plugin-react';
import { build, type PreviewServer, preview } from 'vite';
import { emoji } from '../../scripts/emoji.ts';

const ROOT = fileURLToPath(new URL('../stage', import.meta.url));

export class Theatre {
  readonly #server: PreviewServer;
  readonly #folder: string;

  private constructor(server: PreviewServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  /** Commits are counted by a build of React that takes its time for that. */
  static async build({ counting = true } = {}): Promise<Theatre> {
    const folder = await mkdtemp(join(tmpdir(), 'roost-stage-'));
    const config = { root: ROOT, configFile: false, logLevel: 'error', build: { outDir: folder } } as const;
    await build({
      ...config,
      plugins: [react(), emoji()],
      resolve: { alias: counting ? { 'react-dom/client': 'react-dom/profiling' } : {} },
      build: { outDir: folder, emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 2_000 },
    });
    const server = await preview({ ...config, preview: { host: '127.0.0.1', port: 0 } });
    return new Theatre(server, folder);
  }

  /** A room of so many messages, some of them unread, in front of a reader. */
  async open(
    page: Page,
    room: { length: number; unread?: number; path?: string; opensAt?: string },
  ): Promise<void> {
    const { length, unread = 0, path = '/r/den', opensAt = 'unread' } = room;
    const url = new URL(path, this.#server.resolvedUrls?.local[0]);
    await page.goto(`${url}?length=${length}&unread=${unread}&opensAt=${opensAt}`);
    await page.locator('ol > li[data-id]').first().waitFor();
  }

  async close(): Promise<void> {
    await this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export const numbered = (page: Page, number: number): Locator =>
  page.locator(`ol > li[data-id="m${number}"]`);
