"""python-socketio against a running Roost, both of its clients over every transport.

The JavaScript tests beside this file go through everything; this one makes sure that nothing of it
depends on the language. ROOST_BIN names the server.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest
import uuid

import requests
import socketio

# How long anything may take on the slowest machine before it counts as missing.
PATIENCE = 30
WAYS = [["websocket"], ["polling"], ["polling", "websocket"]]


class Server:
    """A real server on a free port and an empty data directory."""

    def __init__(self):
        self.data_dir = tempfile.mkdtemp(prefix="roost-python-")
        self.start("127.0.0.1:0")

    def start(self, listen):
        env = {
            "PATH": os.environ["PATH"],
            "ROOST_LIMITS": "off",
            "ROOST_LISTEN": listen,
            "ROOST_DATA_DIR": self.data_dir,
        }
        # Nobody reads the log; a pipe would fill up.
        self.process = subprocess.Popen(
            [os.environ["ROOST_BIN"], "serve"],
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        greeting = self.process.stdout.readline()
        found = re.search(r"http://(127\.0\.0\.1:\d+)", greeting)
        assert found, f"the server did not start: {greeting!r}"
        self.address = found.group(1)
        self.url = f"http://{self.address}"

    def end(self, how):
        self.process.send_signal(how)
        self.process.stdout.close()
        return self.process.wait(PATIENCE)

    def remove(self):
        if self.process.poll() is None:
            self.end(signal.SIGKILL)
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def request(self, status, method, path, token=None, **options):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = requests.request(
            method, self.url + path, headers=headers, timeout=PATIENCE, **options
        )
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        return answer.json() if answer.text else None

    def register(self, name):
        body = {"username": f"{name}-{uuid.uuid4().hex[:8]}", "password": "a long enough password"}
        return self.request(201, "POST", "/api/auth/register", json=body)

    def make_room(self, person):
        body = {"name": "Kitchen", "kind": "public"}
        return self.request(201, "POST", "/api/rooms", person["token"], json=body)["id"]

    def post(self, person, room, content):
        path = f"/api/rooms/{room}/messages"
        return self.request(201, "POST", path, person["token"], json={"content": content})


class Heard:
    """Everything a client heard, in order, and a way to wait for what matters."""

    def __init__(self):
        self.items = []
        self.more = threading.Condition()

    def add(self, event, data=None):
        with self.more:
            self.items.append((event, data))
            self.more.notify_all()

    def wait(self, event, count=1):
        def found():
            return [data for name, data in self.items if name == event]

        with self.more:
            enough = self.more.wait_for(lambda: len(found()) >= count, PATIENCE)
            assert enough, f"{event} was not heard {count} times: {self.items[-20:]}"
            return found()


class Client:
    """The threaded client, signed in as a person."""

    def __init__(self, server, person, transports):
        self.heard = Heard()
        self.socket = socketio.Client(reconnection_delay=0.05, reconnection_delay_max=0.2)
        self.socket.on("connect", lambda: self.heard.add("connect"))
        self.socket.on("disconnect", lambda reason: self.heard.add("disconnect", reason))
        self.socket.on("connect_error", lambda error: self.heard.add("connect_error", error))
        self.socket.on("*", self.heard.add)
        auth = {"token": person["token"]} if person else None
        self.socket.connect(
            server.url, auth=auth, transports=transports, wait_timeout=PATIENCE
        )

    def does(self, event, payload):
        answer = self.socket.call(event, payload, timeout=PATIENCE)
        assert answer["ok"], answer
        return answer

    def close(self):
        self.socket.shutdown()


class Threaded(unittest.TestCase):
    """socketio.Client."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)

    def arrive(self, name, transports, server=None):
        server = server or self.server
        person = server.register(name)
        client = Client(server, person, transports)
        self.addCleanup(client.close)
        return person, client

    def test_two_people_talk_and_nothing_is_lost_or_doubled(self):
        for transports in WAYS:
            with self.subTest(transports=transports):
                ada, adas = self.arrive("ada", transports)
                _, bobs = self.arrive("bob", transports)
                self.assertEqual(adas.socket.transport(), transports[-1])
                room = self.server.make_room(ada)
                adas.does("join_room", {"roomId": room})
                joined = bobs.does("join_room", {"roomId": room})
                self.assertEqual(len(joined["members"]), 2)

                for number in range(300):
                    adas.socket.emit("send_message", {"roomId": room, "content": f"{number} ü 🍲"})
                # This client handles each event in a thread of its own: their order is not told.
                heard = bobs.heard.wait("message_received", 300)
                heard.sort(key=lambda message: message["seq"])
                self.assertEqual([m["content"] for m in heard], [f"{n} ü 🍲" for n in range(300)])
                first = joined["lastSeq"] + 1
                self.assertEqual([m["seq"] for m in heard], list(range(first, first + 300)))

                sent = bobs.does("send_message", {"roomId": room, "content": "heard you"})
                self.assertEqual(sent["message"]["seq"], first + 300)
                self.assertIn(sent["message"], adas.heard.wait("message_received", 301))

    def test_a_wrong_token_is_refused_with_a_reason(self):
        for transports in WAYS:
            with self.subTest(transports=transports):
                for person in [{"token": "wrong"}, None]:
                    with self.assertRaises(socketio.exceptions.ConnectionError):
                        Client(self.server, person, transports)

    def test_nonsense_is_answered_and_the_connection_lives(self):
        for transports in WAYS:
            with self.subTest(transports=transports):
                _, client = self.arrive("ada", transports)
                for event, payload in [
                    ("no_such_event", {}),
                    ("send_message", "hello"),
                    ("send_message", None),
                    ("join_room", {"roomId": 7}),
                    ("join_room", ({"roomId": None}, {})),
                ]:
                    answer = client.socket.call(event, payload, timeout=PATIENCE)
                    self.assertFalse(answer["ok"])
                    self.assertEqual(answer["error"]["code"], "bad_request", (event, payload))
                client.does("update_presence", {"status": "away"})

    def test_a_revoked_session_ends_and_stays_away(self):
        for transports in WAYS:
            with self.subTest(transports=transports):
                ada, client = self.arrive("ada", transports)
                self.server.request(204, "POST", "/api/auth/logout", ada["token"])
                self.assertEqual(client.heard.wait("session_revoked"), [{}])
                client.heard.wait("disconnect")
                client.socket.wait()
                self.assertFalse(client.socket.connected)

    def test_after_a_crash_the_client_is_back_by_itself_and_catches_up(self):
        for transports in WAYS:
            with self.subTest(transports=transports):
                server = Server()
                self.addCleanup(server.remove)
                ada = server.register("ada")
                _, bobs = self.arrive("bob", transports, server)
                room = server.make_room(ada)
                joined = bobs.does("join_room", {"roomId": room})
                server.end(signal.SIGKILL)
                bobs.heard.wait("disconnect")
                server.start(server.address)
                for content in ["one", "two", "three"]:
                    server.post(ada, room, content)
                bobs.heard.wait("connect", 2)
                back = bobs.does("join_room", {"roomId": room, "since": joined["lastSeq"]})
                self.assertFalse(back["reset"])
                contents = [change["data"]["content"] for change in back["changes"]]
                self.assertEqual(contents, ["one", "two", "three"])
                server.post(ada, room, "live again")
                self.assertEqual(bobs.heard.wait("message_received")[0]["content"], "live again")
                bobs.close()

    def test_a_server_that_is_stopped_says_so_and_clients_come_back_to_the_next(self):
        for transports in WAYS:
            with self.subTest(transports=transports):
                server = Server()
                self.addCleanup(server.remove)
                ada, client = self.arrive("ada", transports, server)
                room = server.make_room(ada)
                client.does("join_room", {"roomId": room})
                self.assertEqual(server.end(signal.SIGTERM), 0)
                self.assertIn("reconnectAfterMs", client.heard.wait("server_draining")[0])
                client.heard.wait("disconnect")
                server.start(server.address)
                client.heard.wait("connect", 2)
                client.does("join_room", {"roomId": room})
                client.close()


class Asynchronous(unittest.IsolatedAsyncioTestCase):
    """socketio.AsyncClient."""

    async def test_two_people_talk_and_everything_keeps_its_order(self):
        server = await asyncio.to_thread(Server)
        self.addCleanup(server.remove)
        for transports in WAYS:
            with self.subTest(transports=transports):
                ada = await asyncio.to_thread(server.register, "ada")
                room = await asyncio.to_thread(server.make_room, ada)
                clients = []
                heard = asyncio.Queue(maxsize=1000)
                for name in ["ada", "bob"]:
                    person = ada if name == "ada" else await asyncio.to_thread(server.register, name)
                    client = socketio.AsyncClient(reconnection=False)
                    clients.append(client)
                    await client.connect(
                        server.url,
                        auth={"token": person["token"]},
                        transports=transports,
                        wait_timeout=PATIENCE,
                    )
                adas, bobs = clients
                bobs.on("message_received", heard.put)
                for client in clients:
                    joined = await client.call("join_room", {"roomId": room}, timeout=PATIENCE)
                    self.assertTrue(joined["ok"])
                for number in range(100):
                    await adas.emit("send_message", {"roomId": room, "content": str(number)})
                contents = [
                    (await asyncio.wait_for(heard.get(), PATIENCE))["content"] for _ in range(100)
                ]
                self.assertEqual(contents, [str(number) for number in range(100)])
                for client in clients:
                    await client.shutdown()


if __name__ == "__main__":
    unittest.main()
