// What a stranger, a broken client and a hostile one get to see, byte by byte.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import WebSocket from "ws";
import { WAYS, arrive, Person } from "./people.mjs";
import { Heard, within } from "./patience.mjs";
import { Server } from "./server.mjs";

let server;
/** Somebody who is in a room throughout and must not notice anything. */
let witness;
let roomId;

before(async () => {
  server = await Server.start();
  witness = await arrive(server, "Witness", WAYS[0]);
  roomId = (await witness.person.makeRoom()).id;
  await witness.client.does("join_room", { roomId });
});
after(() => {
  witness.client.close();
  return server.remove();
});
afterEach(async () => {
  await witness.client.does("send_message", { roomId, content: "I am fine" });
  assert.deepEqual(witness.client.heard("disconnect"), [], "nobody else is harmed");
});

const engine = (query) => `${server.url}/socket.io/?${query}`;

/** A polling request; returns the status and the text. */
async function poll(query, options) {
  const answer = await within("the request is answered", fetch(engine(query), options));
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

/** A polling session; its sid. */
async function open() {
  const { status, text } = await poll("EIO=4&transport=polling");
  assert.equal(status, 200);
  assert.equal(text[0], "0");
  return JSON.parse(text.slice(1)).sid;
}

/** A bare WebSocket and the text it received. */
class Raw {
  heard = new Heard();

  static async open(query = "EIO=4&transport=websocket", options = {}) {
    const raw = new Raw();
    raw.socket = new WebSocket(engine(query).replace("http", "ws"), { perMessageDeflate: false, ...options });
    raw.socket.on("message", (data) => raw.heard.add(data.toString()));
    raw.socket.on("error", () => {});
    raw.closed = once(raw.socket, "close");
    raw.refused = once(raw.socket, "unexpected-response").then(([, response]) => response.statusCode);
    await within("the WebSocket is answered", Promise.race([once(raw.socket, "open"), raw.refused]));
    return raw;
  }

  send(...packets) {
    for (const packet of packets) this.socket.send(packet);
  }

  /** The first packet that begins so. */
  async hears(prefix) {
    const [first] = await this.heard.wait(`${prefix} is heard`, 1, (text) => text.startsWith(prefix));
    return first;
  }

  async isClosed() {
    await within("the server closes the WebSocket", this.closed);
  }
}

/** A bare WebSocket that is signed in. */
async function signedIn(t, name) {
  const person = await Person.register(server, name);
  const raw = await Raw.open();
  t.after(() => raw.socket.terminate());
  raw.send(`40${JSON.stringify({ token: person.token })}`);
  await raw.hears("40");
  return raw;
}

describe("a handshake", () => {
  test("tells what the server expects of the client", async () => {
    const { text, headers } = await poll("EIO=4&transport=polling");
    const handshake = JSON.parse(text.slice(1));
    assert.deepEqual(handshake.upgrades, ["websocket"]);
    assert.equal(handshake.maxPayload, 128 * 1024);
    assert.ok(handshake.pingInterval > 0 && handshake.pingTimeout > 0);
    assert.ok(handshake.sid.length >= 20, "it cannot be guessed");
    assert.match(headers.get("content-type"), /^text\/plain/);
    assert.match(headers.get("cache-control") ?? "", /no-store/);
  });

  test("in another version of the protocol is refused", async () => {
    for (const query of ["EIO=3&transport=polling", "EIO=5&transport=polling", "EIO=&transport=polling", "transport=polling"]) {
      const { status, text } = await poll(query);
      assert.equal(status, 400, query);
      assert.equal(JSON.parse(text).code, 5, query);
    }
    for (const query of ["EIO=3&transport=websocket", "transport=websocket"]) {
      const raw = await Raw.open(query);
      assert.equal(await raw.refused, 400, query);
    }
  });

  test("over a transport that does not exist is refused", async () => {
    for (const query of ["EIO=4", "EIO=4&transport=", "EIO=4&transport=carrier-pigeon", "EIO=4&transport=webtransport"]) {
      const { status, text } = await poll(query);
      assert.equal(status, 400, query);
      assert.equal(JSON.parse(text).code, 0, query);
    }
  });

  test("with a method that makes no sense is refused", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      const { status } = await poll("EIO=4&transport=polling", { method });
      assert.ok([400, 405].includes(status), `${method}: ${status}`);
    }
  });

  test("from a page of another site is refused, and from our own is not", async () => {
    for (const origin of ["https://evil.example", "null", `http://127.0.0.1:${server.port + 1}`]) {
      const { status } = await poll("EIO=4&transport=polling", { headers: { origin } });
      assert.equal(status, 403, origin);
      const raw = await Raw.open(undefined, { origin });
      assert.equal(await raw.refused, 403, origin);
    }
    const { status } = await poll("EIO=4&transport=polling", { headers: { origin: server.url } });
    assert.equal(status, 200);
  });

  test("with headers without end is refused", async () => {
    const raw = connect(server.port, "127.0.0.1");
    raw.on("error", () => {});
    const ended = once(raw, "close");
    raw.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n");
    raw.write(`X-Long: ${"x".repeat(1024 * 1024)}\r\n\r\n`);
    raw.resume();
    raw.end();
    await within("the server hangs up", ended);
  });
});

describe("polling", () => {
  test("with a session nobody has is refused", async () => {
    const sid = await open();
    const changed = sid.slice(0, -1) + (sid.endsWith("A") ? "B" : "A");
    for (const unknown of ["nobody", "", "%00", "../../etc/passwd", "x".repeat(4000), changed]) {
      for (const options of [{}, { method: "POST", body: "3" }]) {
        // An empty sid is none: a GET then asks for a new session.
        if (unknown === "" && !options.method) continue;
        const { status } = await poll(`EIO=4&transport=polling&sid=${unknown}`, options);
        assert.equal(status, 400, `${unknown.slice(0, 40)} ${options.method ?? "GET"}`);
      }
      const { status, text } = await poll(`EIO=4&transport=polling&sid=${unknown || "none"}`);
      assert.equal(status, 400);
      assert.equal(JSON.parse(text).code, 1);
    }
    const raw = await Raw.open("EIO=4&transport=websocket&sid=nobody");
    assert.equal(await raw.refused, 400);
  });

  test("twice at once ends the session", async () => {
    const sid = await open();
    const query = `EIO=4&transport=polling&sid=${sid}`;
    const both = await Promise.all([poll(query), poll(query)]);
    const ended = ({ status, text }) => status === 400 || text === "1" || text === "6";
    assert.ok(both.every(ended), JSON.stringify(both));
    assert.equal((await poll(query)).status, 400);
  });

  test("with a body that is too large is refused, counted as it comes", async () => {
    const sid = await open();
    const query = `EIO=4&transport=polling&sid=${sid}`;
    const { status } = await poll(query, { method: "POST", body: "4" + "x".repeat(129 * 1024) });
    assert.ok([400, 413].includes(status), `${status}`);

    const other = await open();
    const piece = new TextEncoder().encode("4" + "x".repeat(16 * 1024));
    let pieces = 0;
    const endless = new ReadableStream({
      pull(stream) {
        pieces += 1;
        if (pieces > 4096) stream.close();
        else stream.enqueue(piece);
      },
    });
    const request = fetch(engine(`EIO=4&transport=polling&sid=${other}`), {
      method: "POST",
      body: endless,
      duplex: "half",
    });
    // Either an answer or a closed connection, but not 64 MiB later.
    const outcome = await within("the server refuses", request.then((answer) => answer.status, () => "closed"));
    assert.ok([400, 413, "closed"].includes(outcome), `${outcome}`);
    assert.ok(pieces < 2048, `it read ${pieces} pieces of 16 KiB`);
  });

  test("with a payload that is none ends the session", async () => {
    for (const body of ["", "9", "hello", "\x1e", "4\x1e\x1e4", "b", "b!!!", "0", "2probe"]) {
      const sid = await open();
      const query = `EIO=4&transport=polling&sid=${sid}`;
      const { status } = await poll(query, { method: "POST", body });
      const { status: then, text } = await poll(query);
      const over = status === 400 || then === 400 || /(^|\x1e)1$/.test(text);
      assert.ok(over, `${JSON.stringify(body)}: ${status}, then ${then} ${text}`);
    }
  });
});

describe("a packet", () => {
  test("that is no Engine.IO packet ends the connection", async () => {
    for (const packet of ["", "9", "x", "{}", "0{}", "5", "4"]) {
      const raw = await Raw.open();
      raw.send(packet);
      await raw.isClosed();
    }
  });

  test("that is no Socket.IO packet ends the connection", async (t) => {
    const packets = [
      "47",
      "4x",
      "42",
      "42[",
      "42[]",
      "42{}",
      "42[1]",
      '42"send_message"',
      '42["send_message",{]',
      '42["send_message",{}]]',
      '4299999999999999999999999999["send_message",{}]',
      "4/nowhere",
      `42["x",${"[".repeat(60_000)}`,
      '4599999-["send_message",{"_placeholder":true,"num":0}]',
      "44",
    ];
    for (const packet of packets) {
      const raw = await signedIn(t, "Mallory");
      raw.send(packet);
      await raw.isClosed();
    }
  });

  test("that promises an attachment which does not come ends the connection", async (t) => {
    const raw = await signedIn(t, "Mallory");
    raw.send('451-["send_message",{"_placeholder":true,"num":0}]', '42["send_message",{}]');
    await raw.isClosed();
  });

  test("that is nested beyond reason is refused and nothing falls over", async (t) => {
    const raw = await signedIn(t, "Mallory");
    const deep = "[".repeat(50_000) + "]".repeat(50_000);
    raw.send(`421["send_message",${deep}]`);
    const outcome = await within(
      "it is refused",
      Promise.race([raw.hears("431"), raw.closed.then(() => "closed")]),
    );
    assert.ok(outcome === "closed" || outcome.includes("bad_request"), outcome);
  });

  test("that is not UTF-8 ends the connection", async (t) => {
    const raw = await signedIn(t, "Mallory");
    raw.socket.send(Buffer.from([0x34, 0x32, 0xff, 0xfe]), { binary: false });
    await raw.isClosed();
  });

  test("that is too large ends the connection, in one piece or in many", async (t) => {
    const whole = await signedIn(t, "Mallory");
    whole.send(`42["send_message","${"x".repeat(128 * 1024)}"]`);
    await whole.isClosed();

    const pieces = await signedIn(t, "Mallory");
    const piece = "x".repeat(16 * 1024);
    pieces.socket.send('42["send_message","', { fin: false });
    for (let sent = 0; sent < 16 && pieces.socket.readyState === WebSocket.OPEN; sent += 1) {
      pieces.socket.send(piece, { fin: false }, () => {});
    }
    await pieces.isClosed();
  });

  test("before anybody has signed in does nothing", async () => {
    const raw = await Raw.open();
    raw.send(`421["send_message",{"roomId":"${roomId}","content":"anonymous"}]`);
    await raw.isClosed();
    const page = await witness.person.request(200, "GET", `/api/rooms/${roomId}/messages?limit=200`);
    assert.ok(page.messages.every((message) => message.content === "I am fine"));
  });

  test("of a heartbeat nobody asked for harms nobody", async (t) => {
    const raw = await signedIn(t, "Mallory");
    raw.send("3", "3", '421["update_presence",{"status":"online"}]');
    assert.equal(await raw.hears("431"), '431[{"ok":true}]');
  });
});

describe("compression", () => {
  /** A signed-in WebSocket that compresses everything it says. */
  async function compressing(t) {
    const person = await Person.register(server, "Zip");
    const raw = await Raw.open(undefined, { perMessageDeflate: { threshold: 0 } });
    t.after(() => raw.socket.terminate());
    raw.send(`40${JSON.stringify({ token: person.token })}`);
    await raw.hears("40");
    return raw;
  }

  test("is agreed to, and a long answer is shorter on the wire", async (t) => {
    const raw = await compressing(t);
    assert.equal(raw.socket.extensions, "permessage-deflate");
    raw.send(`421["join_room",{"roomId":"${roomId}"}]`);
    await raw.hears("431");
    const content = "much ado ".repeat(1000);
    const before = raw.socket._socket.bytesRead;
    raw.send(`422["send_message",{"roomId":"${roomId}","content":"${content}"}]`);
    assert.ok((await raw.hears("432")).includes(content.trim()));
    assert.ok((await raw.hears('42["message_received"')).includes(content.trim()));
    assert.ok(raw.socket._socket.bytesRead - before < 3000);
  });

  test("is declined when the client asks for what we do not do, and all else goes on", async (t) => {
    const raw = await Raw.open(undefined, { headers: { "Sec-WebSocket-Extensions": "permessage-deflate; a=b" } });
    t.after(() => raw.socket.terminate());
    await raw.hears("0");
  });

  test("does not let a bomb in", async (t) => {
    const raw = await compressing(t);
    raw.send(`42["send_message","${"x".repeat(16 * 1024 * 1024)}"]`);
    const [code] = await within("the server closes the WebSocket", raw.closed);
    assert.equal(code, 1009);
  });

  test("that is none ends the connection", async (t) => {
    const raw = await compressing(t);
    // A masked, whole text that claims to be compressed.
    raw.socket._socket.write(Buffer.from([0xc1, 0x84, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]));
    const [code] = await within("the server closes the WebSocket", raw.closed);
    assert.equal(code, 1002);
  });
});

describe("a connection", () => {
  test("that never signs in is ended", async () => {
    const raw = await Raw.open();
    await raw.hears("0");
    await raw.isClosed();
  });

  test("that signs in twice is one connection", async (t) => {
    const raw = await signedIn(t, "Mallory");
    raw.send('40{"token":"wrong"}', '421["update_presence",{"status":"online"}]');
    const outcome = await within(
      "it is answered or ended",
      Promise.race([raw.hears("431"), raw.closed.then(() => "closed")]),
    );
    assert.ok(outcome === "closed" || outcome === '431[{"ok":true}]', outcome);
  });

  test("that was refused cannot speak", async (t) => {
    const raw = await Raw.open();
    t.after(() => raw.socket.terminate());
    raw.send('40{"token":"wrong"}');
    assert.match(await raw.hears("44"), /^44\{.*"code":"unauthorized"/);
    raw.send(`421["join_room",{"roomId":"${roomId}"}]`);
    await raw.isClosed();
    assert.deepEqual(raw.heard.all((text) => text.startsWith("43")), []);
  });

  test("that talks something else is ended", async () => {
    for (const noise of ["\x16\x03\x01\x02\x00", "HELO there\r\n\r\n", "GET / HTTP/9\r\n\r\n"]) {
      const raw = connect(server.port, "127.0.0.1");
      raw.on("error", () => {});
      const ended = once(raw, "close");
      raw.resume();
      raw.end(noise);
      await within("the server hangs up", ended);
    }
  });
});
