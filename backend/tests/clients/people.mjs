// People with accounts, and the official clients they use.

import { describe } from "node:test";
import { io as io4 } from "socket.io-client";
import { io as io3 } from "socket.io-client-v3";
import { Heard, within } from "./patience.mjs";

/** Every official client over every way it can travel. */
export const WAYS = [
  ["socket.io-client 4 over websocket", io4, ["websocket"]],
  ["socket.io-client 4 over polling", io4, ["polling"]],
  ["socket.io-client 4 upgraded to websocket", io4, ["polling", "websocket"]],
  ["socket.io-client 3 over websocket", io3, ["websocket"]],
  ["socket.io-client 3 over polling", io3, ["polling"]],
  ["socket.io-client 3 upgraded to websocket", io3, ["polling", "websocket"]],
].map(([name, io, transports]) => ({ name, io, transports }));

/**
 * The same tests for every one of them, side by side: what takes long here is waiting for graces
 * to run out.
 */
export function everyWay(tests) {
  describe("every client", { concurrency: WAYS.length }, () => {
    for (const way of WAYS) describe(way.name, { concurrency: 1 }, () => tests(way));
  });
}

const PASSWORD = "a long enough password";
let strangers = 0;

/** Somebody with an account and one login. */
export class Person {
  /** A new account. */
  static async register(server, name) {
    strangers += 1;
    const username = `${name}-${process.pid}-${strangers}`;
    const body = { username, password: PASSWORD, displayName: name };
    const { token, user } = await server.request(201, "POST", "/api/auth/register", { body });
    return Object.assign(new Person(), { server, username, token, user });
  }

  /** The same person with another login. */
  async logIn() {
    const body = { login: this.username, password: PASSWORD };
    const { token } = await this.server.request(200, "POST", "/api/auth/login", { body });
    return Object.assign(new Person(), this, { token });
  }

  request(status, method, path, body) {
    return this.server.request(status, method, path, { token: this.token, body });
  }

  /** A public room of this person. */
  makeRoom(name = "Kitchen") {
    return this.request(201, "POST", "/api/rooms", { name, kind: "public" });
  }

  /** Sends over REST. */
  post(roomId, content) {
    return this.request(201, "POST", `/api/rooms/${roomId}/messages`, { content });
  }
}

/** One official client, and everything it heard since it was made. */
export class Client {
  #heard = new Heard();

  constructor(server, way, auth) {
    // A manager of its own, and eager to come back: the tests wait for that.
    this.socket = way.io(server.url, {
      transports: way.transports,
      auth,
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
    });
    this.way = way;
    const note = (event) => (data) => this.#heard.add({ event, data });
    for (const event of ["connect", "disconnect", "connect_error"]) this.socket.on(event, note(event));
    this.socket.onAny((event, data) => this.#heard.add({ event, data }));
  }

  /** A client of `person` that is connected and has taken its last transport. */
  static async connect(person, way) {
    const client = new Client(person.server, way, { token: person.token });
    await client.connected();
    return client;
  }

  /** Waits for the `count`th time this client got through. */
  async connected(count = 1) {
    await this.hears("connect", { count });
    const engine = this.socket.io.engine;
    const last = this.way.transports.at(-1);
    if (engine.transport.name !== last) {
      await within("the transport is upgraded", new Promise((resolve) => engine.once("upgrade", resolve)));
    }
  }

  /** The data of the first `count` events of this name that match; of the only one, if `count` is 1. */
  async hears(event, { count = 1, where = () => true } = {}) {
    const found = await this.#heard.wait(
      `${event} is heard ${count} times`,
      count,
      (item) => item.event === event && where(item.data),
    );
    return count === 1 ? found[0].data : found.map((item) => item.data);
  }

  /** The data of all events of this name so far. */
  heard(event) {
    return this.#heard.all((item) => item.event === event).map((item) => item.data);
  }

  /** Sends an event and returns its acknowledgement, whatever it says. */
  ask(event, ...payload) {
    const answer = new Promise((resolve) => this.socket.emit(event, ...payload, resolve));
    return within(`${event} is answered`, answer);
  }

  /** Sends an event that must succeed. */
  async does(event, payload) {
    const answer = await this.ask(event, payload);
    if (!answer.ok) throw new Error(`${event} was refused: ${JSON.stringify(answer.error)}`);
    return answer;
  }

  /** Sends an event that must be refused, and returns why. */
  async isRefused(event, ...payload) {
    const answer = await this.ask(event, ...payload);
    if (answer.ok !== false) throw new Error(`${event} was not refused: ${JSON.stringify(answer)}`);
    return answer.error;
  }

  close() {
    this.socket.disconnect();
  }
}

/** Somebody new with a connected client. */
export async function arrive(server, name, way) {
  const person = await Person.register(server, name);
  return { person, client: await Client.connect(person, way) };
}
