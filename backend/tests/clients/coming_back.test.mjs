// The server goes away and comes back; official clients do so by themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Person, everyWay, arrive } from "./people.mjs";
import { Server } from "./server.mjs";

everyWay((way) => {
  test("after a crash of the server a client is back by itself and catches up", async (t) => {
    const server = await Server.start();
    t.after(() => server.remove());
    const ada = await Person.register(server, "Ada");
    const { client: bobs } = await arrive(server, "Bob", way);
    t.after(() => bobs.close());
    const room = await ada.makeRoom();
    const joined = await bobs.does("join_room", { roomId: room.id });
    const before = await bobs.does("send_message", { roomId: room.id, content: "before" });

    await server.kill();
    assert.match(await bobs.hears("disconnect"), /^transport (close|error)$/);
    await server.restart();
    for (const content of ["one", "two", "three"]) await ada.post(room.id, content);
    await bobs.connected(2);
    assert.ok(!bobs.socket.recovered, "catching up is ours, not the engine's");

    const since = before.message.seq;
    const back = await bobs.does("join_room", { roomId: room.id, since, epoch: joined.epoch });
    assert.equal(back.reset, false);
    assert.equal(back.epoch, joined.epoch);
    assert.equal(back.lastSeq, since + 3);
    assert.deepEqual(back.changes.map((change) => change.seq), [since + 1, since + 2, since + 3]);
    assert.deepEqual(back.changes.map((change) => change.event), Array(3).fill("message_received"));
    assert.deepEqual(back.changes.map((change) => change.data.content), ["one", "two", "three"]);

    await ada.post(room.id, "live again");
    const live = await bobs.hears("message_received", { where: (message) => message.seq > since });
    assert.equal(live.content, "live again");
    assert.equal(live.seq, back.lastSeq + 1);

    const page = await ada.request(200, "GET", `/api/rooms/${room.id}/messages`);
    const contents = page.messages.map((message) => message.content);
    assert.deepEqual(contents, ["before", "one", "two", "three", "live again"]);
  });

  test("a server that is being stopped says so, ends cleanly, and clients come back to the next", async (t) => {
    const server = await Server.start();
    t.after(() => server.remove());
    const { person: ada, client: adas } = await arrive(server, "Ada", way);
    t.after(() => adas.close());
    const room = await ada.makeRoom();
    await adas.does("join_room", { roomId: room.id });
    const last = await adas.does("send_message", { roomId: room.id, content: "last words" });

    assert.equal(await server.terminate(), 0);
    const draining = await adas.hears("server_draining");
    assert.ok(Number.isInteger(draining.reconnectAfterMs) && draining.reconnectAfterMs >= 0);
    assert.match(await adas.hears("disconnect"), /^transport (close|error)$/);

    await server.restart();
    await adas.connected(2);
    const since = last.message.seq;
    const back = await adas.does("resume", { rooms: [{ roomId: room.id, since }] });
    assert.equal(back.rooms.length, 1);
    assert.equal(back.rooms[0].roomId, room.id);
    assert.deepEqual(back.rooms[0].changes, []);
    await adas.does("send_message", { roomId: room.id, content: "and on" });
    const heard = await adas.hears("message_received", { where: (message) => message.seq > since });
    assert.equal(heard.content, "and on");
  });

  test("a client that went away on purpose can come back", async (t) => {
    const server = await Server.start();
    t.after(() => server.remove());
    const ada = await Person.register(server, "Ada");
    const client = await Client.connect(ada, way);
    t.after(() => client.close());
    client.socket.disconnect();
    assert.equal(await client.hears("disconnect"), "io client disconnect");
    client.socket.connect();
    await client.connected(2);
    await client.does("update_presence", { status: "away" });
  });
});
