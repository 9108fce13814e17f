// Getting in: with a token, with a wrong one, and being put out.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, Person, everyWay } from "./people.mjs";
import { Server } from "./server.mjs";

let server;
before(async () => (server = await Server.start()));
after(() => server.remove());

everyWay((way) => {
  test("someone with a token gets in", async (t) => {
    const ada = await Person.register(server, "Ada");
    const client = await Client.connect(ada, way);
    t.after(() => client.close());
    assert.equal(client.socket.connected, true);
    assert.equal(client.socket.io.engine.transport.name, way.transports.at(-1));
    assert.equal(typeof client.socket.id, "string");
  });

  test("a wrong token, a malformed one and none at all are refused with a reason", async (t) => {
    for (const auth of [{ token: "wrong" }, { token: 7 }, { token: "" }, {}, undefined]) {
      const client = new Client(server, way, auth);
      t.after(() => client.close());
      const error = await client.hears("connect_error");
      assert.equal(error.data?.code, "unauthorized", JSON.stringify(auth));
      assert.equal(typeof error.data.message, "string");
      assert.equal(client.socket.connected, false);
      assert.deepEqual(client.heard("connect"), []);
    }
  });

  test("a token in the address is not looked at", async (t) => {
    const ada = await Person.register(server, "Ada");
    const query = `?token=${ada.token}`;
    const client = new Client({ url: server.url + "/" + query }, way, {});
    t.after(() => client.close());
    const error = await client.hears("connect_error");
    assert.equal(error.data?.code, "unauthorized");
  });

  test("a namespace that does not exist is refused", async (t) => {
    const ada = await Person.register(server, "Ada");
    const client = new Client({ url: `${server.url}/admin` }, way, { token: ada.token });
    t.after(() => client.close());
    const error = await client.hears("connect_error");
    assert.match(error.message, /namespace/i);
  });

  test("the first words after getting in are not lost", async (t) => {
    const ada = await Person.register(server, "Ada");
    const room = await ada.makeRoom();
    const client = new Client(server, way, { token: ada.token });
    t.after(() => client.close());
    // Buffered by the client, and sent in the breath in which it is let in.
    const joined = await client.does("join_room", { roomId: room.id });
    assert.equal(joined.room.id, room.id);
  });

  test("whoever is put out hears why and does not come back", async (t) => {
    const ada = await Person.register(server, "Ada");
    const phone = await ada.logIn();
    const client = await Client.connect(phone, way);
    const desk = await Client.connect(ada, way);
    t.after(() => [client, desk].forEach((each) => each.close()));
    const { sessions } = await ada.request(200, "GET", "/api/auth/sessions");
    assert.equal(sessions.length, 2);
    const other = sessions.find((session) => !session.current);
    await ada.request(204, "DELETE", `/api/auth/sessions/${other.id}`);

    assert.deepEqual(await client.hears("session_revoked"), {});
    assert.equal(await client.hears("disconnect"), "io server disconnect");
    assert.equal(client.socket.io.skipReconnect, true, "it has given up by itself");
    client.socket.connect();
    const error = await client.hears("connect_error");
    assert.equal(error.data?.code, "unauthorized");

    await desk.does("update_presence", { status: "online" });
    assert.deepEqual(desk.heard("session_revoked"), [], "the other login is untouched");
  });

  test("logging out ends the socket as well", async (t) => {
    const ada = await Person.register(server, "Ada");
    const client = await Client.connect(ada, way);
    t.after(() => client.close());
    await ada.request(204, "POST", "/api/auth/logout");
    assert.equal(await client.hears("disconnect"), "io server disconnect");
  });
});
