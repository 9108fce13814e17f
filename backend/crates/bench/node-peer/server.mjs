// What one would write with Node.js: socket.io as it comes, over WebSocket only, with the events of
// the comparison. With --postgres URL a message is stored, one commit each, before it is
// acknowledged and heard.

import { createServer } from "node:http";
import { parseArgs } from "node:util";
import pg from "pg";
import { Server } from "socket.io";

const HEADER_BYTES = 4;
const CONNECTIONS = 20;

const { values } = parseArgs({
  options: { "frame-bytes": { type: "string", default: "440" }, postgres: { type: "string" } },
});
const frameBytes = Number(values["frame-bytes"]);
const database = values.postgres
  ? new pg.Pool({ connectionString: values.postgres, max: CONNECTIONS })
  : undefined;
await database?.query(
  `CREATE TABLE IF NOT EXISTS messages (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     room_id text NOT NULL,
     client_id text NOT NULL,
     content text NOT NULL
   )`,
);

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
const heads = new Map();

function next(roomId) {
  const seq = (heads.get(roomId) ?? 0) + 1;
  heads.set(roomId, seq);
  return seq;
}

function padded(message) {
  const frame = `42${JSON.stringify(["message_received", { ...message, padding: "" }])}`;
  const missing = Math.max(0, frameBytes - HEADER_BYTES - frame.length);
  return { ...message, padding: " ".repeat(missing) };
}

io.on("connection", (socket) => {
  socket.on("join_room", ({ roomId }, acknowledge) => {
    socket.join(roomId);
    acknowledge({ ok: true, lastSeq: heads.get(roomId) ?? 0 });
  });

  socket.on("send_message", async ({ roomId, clientId, content }, acknowledge) => {
    await database?.query({
      name: "store",
      text: "INSERT INTO messages (room_id, client_id, content) VALUES ($1, $2, $3)",
      values: [roomId, clientId, content],
    });
    const seq = next(roomId);
    acknowledge({ ok: true, seq });
    io.to(roomId).emit("message_received", padded({ roomId, seq, clientId, content }));
  });
});

http.listen(0, "127.0.0.1", () => {
  const { address, port } = http.address();
  console.log(`The Node.js peer is at http://${address}:${port}`);
});
