/** The line between browsers and the server, for a test to hold, to cut and to mend. */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Server } from './server';

type Alter = (body: string) => string;

export class Line {
  readonly url: string;
  readonly #proxy: HttpServer;
  readonly #port: number;
  readonly #sockets = new Set<Duplex>();
  readonly #altered = new Map<string, Alter>();
  /** What the server has said over sockets and nobody has heard yet; absent while nothing is held. */
  #held: (() => void)[] | undefined;
  #cut = false;

  private constructor(proxy: HttpServer, ownPort: number, server: Server) {
    this.#proxy = proxy;
    this.#port = Number(new URL(server.url).port);
    this.url = `http://127.0.0.1:${ownPort}`;
    proxy.on('connection', (socket: Socket) => {
      if (this.#cut) socket.destroy();
      else this.#know(socket);
    });
    proxy.on('request', (asked: IncomingMessage, answer: ServerResponse) => this.#pass(asked, answer));
    proxy.on('upgrade', (asked: IncomingMessage, browser: Duplex, head: Buffer) =>
      this.#join(asked, browser, head),
    );
  }

  static async to(server: Server): Promise<Line> {
    const proxy = createServer();
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    if (!address || typeof address === 'string') throw new Error('the line has no port');
    return new Line(proxy, address.port, server);
  }

  /** From now on the server hears what is said to it, and its word over sockets is held back. */
  holdAnswers(): void {
    this.#held = [];
  }

  letAnswersGo(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const say of held) say();
  }

  /** Breaks every connection, and lets nobody through until it is mended. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
    this.#held = undefined;
  }

  mend(): void {
    this.#cut = false;
  }

  /** Gives another text than the server's for one address. */
  alter(path: string, alter: Alter): void {
    this.#altered.set(path, alter);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#proxy.close(resolve));
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const alter = this.#altered.get(asked.url ?? '');
    const headers = { ...asked.headers };
    if (alter) {
      delete headers['accept-encoding'];
      delete headers['if-none-match'];
    }
    const onward = request(
      { host: '127.0.0.1', port: this.#port, method: asked.method, path: asked.url, headers },
      (given) => {
        if (!alter) {
          answer.writeHead(given.statusCode ?? 502, given.headers);
          given.pipe(answer);
          return;
        }
        const { 'content-length': _, etag: __, ...rest } = given.headers;
        let body = '';
        given.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        given.on('end', () => answer.writeHead(given.statusCode ?? 502, rest).end(alter(body)));
      },
    );
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  }

  #join(asked: IncomingMessage, browser: Duplex, head: Buffer): void {
    const server = connect(this.#port, '127.0.0.1');
    this.#know(server);
    this.#know(browser);
    const lines = [`${asked.method} ${asked.url} HTTP/1.1`];
    for (let index = 0; index < asked.rawHeaders.length; index += 2) {
      lines.push(`${asked.rawHeaders[index]}: ${asked.rawHeaders[index + 1]}`);
    }
    server.write(`${lines.join('\r\n')}\r\n\r\n`);
    server.write(head);
    browser.on('data', (chunk) => server.write(chunk));
    server.on('data', (chunk) => {
      if (this.#held) this.#held.push(() => browser.write(chunk));
      else browser.write(chunk);
    });
    browser.on('close', () => server.destroy());
    server.on('close', () => browser.destroy());
  }

  #know(socket: Duplex): void {
    this.#sockets.add(socket);
    // A line that breaks is what it is for.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
