// The real server, as a process of its own on a free port and an empty data directory.
// The binary is named by ROOST_BIN.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { within } from "./patience.mjs";

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class Server {
  #child;
  #dataDir;

  /** Starts a server; `settings` are environment variables of it. */
  static async start(settings = {}) {
    assert.ok(process.env.ROOST_BIN, "ROOST_BIN names the server to examine");
    const server = new Server();
    server.settings = settings;
    server.#dataDir = await mkdtemp(join(tmpdir(), "roost-clients-"));
    await server.#run("127.0.0.1:0");
    return server;
  }

  get url() {
    return `http://${this.address}`;
  }

  get port() {
    return Number(this.address.split(":")[1]);
  }

  async #run(listen) {
    const env = {
      PATH: process.env.PATH,
      // On PostgreSQL all servers of a run share one database; no test looks beyond its own rooms.
      ROOST_DATABASE_URL: process.env.ROOST_DATABASE_URL ?? "",
      ROOST_LIMITS: "off",
      ...this.settings,
      ROOST_LISTEN: listen,
      ROOST_DATA_DIR: this.#dataDir,
    };
    const child = spawn(process.env.ROOST_BIN, ["serve"], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    running.add(child);
    this.exit = once(child, "exit").then(([code, signal]) => {
      running.delete(child);
      return signal ?? code;
    });
    let said = "";
    child.stderr.on("data", (data) => (said += data));
    const ready = new Promise((resolve) => {
      let greeting = "";
      child.stdout.on("data", (data) => {
        greeting += data;
        const found = /http:\/\/(127\.0\.0\.1:\d+)/.exec(greeting);
        if (found) resolve(found[1]);
      });
    });
    const failed = this.exit.then((how) => assert.fail(`the server ended with ${how}: ${said}`));
    this.address = await within("the server starts", Promise.race([ready, failed]));
    failed.catch(() => {});
  }

  /** Ends the process without a word, as a power cut would. */
  async kill() {
    this.#child.kill("SIGKILL");
    await within("the server is gone", this.exit);
  }

  /** Asks the process to end and returns how it did. */
  async terminate() {
    this.#child.kill("SIGTERM");
    return within("the server ends", this.exit);
  }

  /** Starts again where it was, on the same data. */
  async restart() {
    await this.#run(this.address);
  }

  /** For the end of a test: stops it, and forgets its data. */
  async remove() {
    if (running.has(this.#child)) await this.kill();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** One REST request; the answer must have this status. */
  async request(status, method, path, { token, body, headers } = {}) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { "content-type": "application/json" }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    assert.equal(answer.status, status, `${method} ${path}: ${text}`);
    return text && JSON.parse(text);
  }
}
