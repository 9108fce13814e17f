// Being in a room together.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, Person, everyWay, arrive } from "./people.mjs";
import { Server } from "./server.mjs";

let server;
before(async () => (server = await Server.start()));
after(() => server.remove());

/** Ada's room with Ada and Bob in it, each with a client. */
async function together(t, way) {
  const { person: ada, client: adas } = await arrive(server, "Ada", way);
  const { person: bob, client: bobs } = await arrive(server, "Bob", way);
  t.after(() => [adas, bobs].forEach((client) => client.close()));
  const room = await ada.makeRoom();
  await adas.does("join_room", { roomId: room.id });
  const joined = await bobs.does("join_room", { roomId: room.id });
  return { ada, adas, bob, bobs, roomId: room.id, joined };
}

everyWay((way) => {
  test("what one says the other hears, once, in its place", async (t) => {
    const { ada, adas, bob, bobs, roomId, joined } = await together(t, way);
    assert.equal(joined.room.id, roomId);
    assert.deepEqual(joined.messages, []);
    assert.equal(joined.hasBefore, false);
    assert.equal(typeof joined.epoch, "string");
    const ids = joined.members.map((member) => member.user.id).sort();
    assert.deepEqual(ids, [ada.user.id, bob.user.id].sort());

    const content = "Grüße aus der Küche 🍲 \u2028 <b>";
    const sent = await adas.does("send_message", { roomId, content, clientId: "first" });
    assert.equal(sent.duplicate, false);
    assert.equal(sent.message.seq, joined.lastSeq + 1);
    for (const client of [adas, bobs]) {
      const message = await client.hears("message_received");
      assert.equal(message.id, sent.message.id);
      assert.equal(message.seq, sent.message.seq);
      assert.equal(message.content, content);
      assert.equal(message.author.id, ada.user.id);
      assert.equal(message.clientId, "first");
    }

    const again = await adas.does("send_message", { roomId, content: "other", clientId: "first" });
    assert.equal(again.duplicate, true);
    assert.equal(again.message.id, sent.message.id);
    await bobs.does("send_message", { roomId, content: "second" });
    const [, second] = await bobs.hears("message_received", { count: 2 });
    assert.equal(second.content, "second");
    assert.equal(second.seq, sent.message.seq + 1, "the repeat stored nothing");
  });

  test("a thousand sends in one breath are stored, acknowledged and heard in the order sent", async (t) => {
    const { adas, bobs, roomId, joined } = await together(t, way);
    const numbers = Array.from({ length: 1000 }, (_, number) => number);
    const answers = await Promise.all(
      numbers.map((number) => adas.does("send_message", { roomId, content: `${number}` })),
    );
    const heard = await bobs.hears("message_received", { count: 1000 });
    assert.deepEqual(answers.map((answer) => answer.message.content), numbers.map(String));
    assert.deepEqual(answers.map((answer) => answer.message.seq), numbers.map((n) => joined.lastSeq + 1 + n));
    assert.deepEqual(heard.map((message) => message.content), numbers.map(String));
    assert.deepEqual(heard.map((message) => message.seq), numbers.map((n) => joined.lastSeq + 1 + n));
  });

  test("a long message comes through whole, compressed on a WebSocket", async (t) => {
    const { adas, bobs, roomId } = await together(t, way);
    const content = Array.from({ length: 600 }, (_, number) => `${number} Grüße 🍲`).join(" ");
    const sent = await adas.does("send_message", { roomId, content });
    assert.equal(sent.message.content, content);
    assert.equal((await bobs.hears("message_received")).content, content);
    const page = await bobs.does("join_room", { roomId });
    assert.equal(page.messages.at(-1).content, content);
    // Polling has no such thing to look at.
    const { ws } = bobs.socket.io.engine.transport;
    if (ws) assert.equal(ws.extensions, "permessage-deflate");
  });

  test("who talks and listens from the first moment misses nothing, whatever transport it is on by then", async (t) => {
    const { ada, adas, bob, roomId } = await together(t, way);
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    for (let round = 0; round < 3; round += 1) {
      const client = new Client(server, way, { token: bob.token });
      t.after(() => client.close());
      // Sent while it is still connecting, polling or being upgraded.
      const joined = await client.does("join_room", { roomId });
      const sending = numbers.map((number) => client.does("send_message", { roomId, content: `bob ${number}` }));
      for (const number of numbers) adas.socket.emit("send_message", { roomId, content: `ada ${number}` });
      await client.connected();
      const answers = await Promise.all(sending);
      const heard = await client.hears("message_received", { count: 200 });
      const first = joined.lastSeq + 1;
      assert.deepEqual(heard.map((message) => message.seq), heard.map((_, place) => first + place));
      for (const [name, person] of [["bob", bob], ["ada", ada]]) {
        const theirs = heard.filter((message) => message.author.id === person.user.id);
        assert.deepEqual(theirs.map((message) => message.content), numbers.map((number) => `${name} ${number}`));
      }
      const own = heard.filter((message) => message.author.id === bob.user.id);
      assert.deepEqual(answers.map((answer) => answer.message.seq), own.map((message) => message.seq));
      client.close();
    }
  });

  test("nonsense is answered with bad_request and changes nothing", async (t) => {
    const { adas, bobs, roomId } = await together(t, way);
    const nonsense = [
      ["no_such_event", { roomId }],
      ["connect_to_me", 1],
      ["send_message"],
      ["send_message", null],
      ["send_message", "hello"],
      ["send_message", [roomId, "hello"]],
      ["send_message", {}],
      ["send_message", { roomId }],
      ["send_message", { roomId, content: 7 }],
      ["send_message", { roomId: 7, content: "hello" }],
      ["join_room", { roomId, since: "yesterday" }],
      ["join_room", { roomId, limit: true }],
      ["resume", { rooms: roomId }],
      ["mark_read", { roomId, messageId: { id: 1 } }],
      ["update_presence", { status: 1 }],
    ];
    for (const [event, ...payload] of nonsense) {
      const error = await adas.isRefused(event, ...payload);
      assert.equal(error.code, "bad_request", `${event} ${JSON.stringify(payload)}`);
      assert.ok(error.message.length > 0);
    }
    const refused = [
      ["invalid", "send_message", { roomId, content: "" }],
      ["invalid", "send_message", { roomId, content: " \n" }],
      ["invalid", "send_message", { roomId, content: "x".repeat(10_001) }],
      ["invalid", "send_message", { roomId, content: "nul \u0000 byte" }],
      ["invalid", "send_message", { roomId, content: "x", clientId: "x".repeat(65) }],
      ["invalid", "join_room", { roomId, limit: 201 }],
      ["invalid", "join_room", { roomId, since: -1 }],
      ["invalid", "update_presence", { status: "offline" }],
      ["not_found", "send_message", { roomId: "no uuid", content: "x" }],
      ["not_found", "join_room", { roomId: "01890000-0000-7000-8000-000000000000" }],
    ];
    for (const [code, event, payload] of refused) {
      const error = await adas.isRefused(event, payload);
      assert.equal(error.code, code, `${event} ${JSON.stringify(payload).slice(0, 80)}`);
    }
    // Without an acknowledgement there is nobody to tell.
    adas.socket.emit("no_such_event", {});
    adas.socket.emit("send_message", "hello");

    await adas.does("send_message", { roomId, content: "still here" });
    const heard = await bobs.hears("message_received");
    assert.equal(heard.content, "still here", "nothing else was stored");
    assert.deepEqual(adas.heard("disconnect"), []);
  });

  test("what is sent without asking for an answer is done all the same", async (t) => {
    const { adas, bobs, roomId } = await together(t, way);
    adas.socket.emit("send_message", { roomId, content: "no answer needed" });
    assert.equal((await bobs.hears("message_received")).content, "no answer needed");
  });

  test("too large a packet ends the transport, stores nothing, and the client comes back", async (t) => {
    const { ada, adas, roomId, joined } = await together(t, way);
    adas.socket.emit("send_message", { roomId, content: "x".repeat(200 * 1024) });
    assert.match(await adas.hears("disconnect"), /^transport (close|error)$/);
    await adas.connected(2);
    const back = await adas.does("join_room", { roomId, since: joined.lastSeq });
    assert.deepEqual(back.changes, []);
    assert.equal(back.reset, false);
    await ada.post(roomId, "on we go");
    assert.equal((await adas.hears("message_received")).content, "on we go");
  });

  test("whoever leaves the room hears no more of it until they come back", async (t) => {
    const { ada, adas, bob, bobs, roomId } = await together(t, way);
    await adas.hears("user_joined", { where: (data) => data.user.id === bob.user.id });
    await bobs.does("leave_room", { roomId });
    const left = await adas.hears("user_left");
    assert.equal(left.roomId, roomId);
    assert.equal(left.user.id, bob.user.id);
    await adas.does("send_message", { roomId, content: "while Bob is out" });

    const back = await bobs.does("join_room", { roomId });
    assert.deepEqual(back.messages.map((message) => message.content), ["while Bob is out"]);
    const memberships = back.members.filter((member) => member.user.id === bob.user.id);
    assert.equal(memberships.length, 1, "the membership stayed");
    await ada.post(roomId, "and back");
    const heard = await bobs.hears("message_received");
    assert.equal(heard.content, "and back", "nothing came while he was out");
  });

  test("typing is seen by the others and not by oneself", async (t) => {
    const { ada, adas, bobs, roomId } = await together(t, way);
    await adas.does("start_typing", { roomId });
    assert.deepEqual(await bobs.hears("user_typing"), { roomId, userId: ada.user.id });
    await adas.does("stop_typing", { roomId });
    assert.deepEqual(await bobs.hears("user_stopped_typing"), { roomId, userId: ada.user.id });
    assert.deepEqual(adas.heard("user_typing"), []);
  });

  test("people see each other come, step away and go", async (t) => {
    const { adas, roomId } = await together(t, way);
    const cleo = await Person.register(server, "Cleo");
    const cleos = await Client.connect(cleo, way);
    t.after(() => cleos.close());
    const joined = await cleos.does("join_room", { roomId });
    const isCleo = (data) => data.user.id === cleo.user.id;
    const isOfCleo = (status) => (data) => data.userId === cleo.user.id && data.status === status;

    const came = await adas.hears("user_joined", { where: isCleo });
    assert.equal(came.roomId, roomId);
    for (const member of joined.members) {
      assert.equal(member.here, true, member.user.displayName);
      assert.equal(member.presence.status, "online", member.user.displayName);
    }

    await cleos.does("update_presence", { status: "away" });
    await adas.hears("presence_changed", { where: isOfCleo("away") });
    await cleos.does("update_presence", { status: "online" });
    await adas.hears("presence_changed", { where: isOfCleo("online") });

    cleos.close();
    const offline = await adas.hears("presence_changed", { where: isOfCleo("offline") });
    assert.ok(Date.parse(offline.lastSeenAt) > 0);
    const left = await adas.hears("user_left", { where: isCleo });
    assert.equal(left.roomId, roomId);
  });
});
