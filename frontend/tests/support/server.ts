/** The real server as a child process, on a port and in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const READY_WITHIN_MS = 30_000;

function binary(): string {
  const places = [
    process.env.ROOST_BIN,
    ...['release', 'debug'].map((profile) =>
      fileURLToPath(new URL(`../../../target/${profile}/roost`, import.meta.url)),
    ),
  ];
  const found = places.find((place) => place && existsSync(place));
  if (!found) throw new Error('No server to test against: build one, or set ROOST_BIN.');
  return found;
}

export class Server {
  readonly #folder: string;
  #url: string | undefined;
  #process: ChildProcess | undefined;
  #log = '';

  private constructor(folder: string) {
    this.#folder = folder;
  }

  get url(): string {
    if (!this.#url) throw new Error(`The server did not say where it is.\n${this.#log}`);
    return this.#url;
  }

  static async start(): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), 'roost-e2e-')));
    await server.startAgain();
    return server;
  }

  /** On the same port and the same data, as after a crash; at first on any port that is free. */
  async startAgain(): Promise<void> {
    const port = this.#url ? new URL(this.#url).port : '0';
    const child = spawn(
      binary(),
      ['serve', '--listen', `127.0.0.1:${port}`, '--data-dir', this.#folder],
      // Nobody types as fast as a test does.
      { env: { ...process.env, ROOST_LIMITS: 'off' }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#process = child;
    child.stdout.on('data', (chunk: Buffer) => this.#note(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#note(chunk));
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`The server did not come up.\n${this.#log}`);
      }
    }
  }

  /** As when the power goes: nothing is finished, nobody is told. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  async #isReady(): Promise<boolean> {
    const response = await (this.#url ? fetch(`${this.#url}/health/ready`) : undefined)?.catch(
      () => undefined,
    );
    if (response?.ok) return true;
    // Asking again at once would keep the port's owner from ever answering on a busy machine.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return false;
  }

  #note(chunk: Buffer): void {
    this.#log += chunk.toString();
    this.#url ??= /Roost is at (\S+)\n/.exec(this.#log)?.[1];
  }
}
