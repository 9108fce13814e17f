//! Somebody with an account, and what they commonly do.

use loadtest::client::{Account, Connect, Rest, Socket, Transport};
use serde_json::{Value, json};

use super::{
    expect::{ok, status},
    server::Server,
};

/// Everybody's; what matters is that it is allowed.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) token: String,
    /// Speaks REST with this person's token.
    pub(crate) rest: Rest,
    pub(crate) url: String,
}

impl Person {
    pub(crate) async fn sign_up(server: &Server, name: &str) -> Self {
        let account = server.stranger().register(name, PASSWORD).await.unwrap();
        Self::of(server, account)
    }

    /// The same person in another session.
    pub(crate) async fn log_in_again(&self, server: &Server) -> Self {
        Self::of(
            server,
            server.stranger().login(&self.name, PASSWORD).await.unwrap(),
        )
    }

    /// The same session at a server that was started again.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self {
            rest: server.stranger().with_token(&self.token),
            url: server.url.clone(),
            ..self.clone()
        }
    }

    fn of(server: &Server, account: Account) -> Self {
        Self {
            rest: server.stranger().with_token(&account.token),
            url: server.url.clone(),
            id: account.id,
            name: account.username,
            token: account.token,
        }
    }

    pub(crate) fn connect(&self) -> Connect {
        Connect::to(&self.url).unwrap().token(&self.token)
    }

    pub(crate) async fn socket(&self) -> Socket {
        Socket::open(&self.connect()).await.unwrap()
    }

    pub(crate) async fn polling_socket(&self) -> Socket {
        Socket::open(&self.connect().transport(Transport::Polling))
            .await
            .unwrap()
    }

    /// A socket that has joined the room and keeps nothing untaken.
    pub(crate) async fn socket_in(&self, room: &str) -> Socket {
        let socket = self.socket().await;
        ok(socket
            .call("join_room", json!({ "roomId": room }))
            .await
            .unwrap());
        socket
    }

    /// Makes a room and gives its id.
    pub(crate) async fn room(&self, kind: &str) -> String {
        let room = self.rest.create_room("A room", kind).await.unwrap();
        room["id"].as_str().expect("a room has an id").to_owned()
    }

    /// Makes the direct room with these people and gives its id.
    pub(crate) async fn direct(&self, others: &[&Person]) -> String {
        let ids: Vec<&str> = others.iter().map(|other| other.id.as_str()).collect();
        let body = json!({ "kind": "direct", "userIds": ids });
        let made = status(&self.rest.post("/api/rooms", &body).await.unwrap(), 201);
        made["id"].as_str().expect("a room has an id").to_owned()
    }

    /// Becomes a member of a public room without connecting.
    pub(crate) async fn join(&self, room: &str) {
        let path = format!("/api/rooms/{room}/members");
        let answer = self.rest.post(&path, &json!({})).await.unwrap();
        assert!(
            matches!(answer.status, 200 | 201),
            "joining was answered {}",
            answer.json
        );
    }

    /// Adds somebody to a room of one's own.
    pub(crate) async fn add(&self, room: &str, other: &Person) {
        let path = format!("/api/rooms/{room}/members");
        let answer = self
            .rest
            .post(&path, &json!({ "userIds": [other.id] }))
            .await
            .unwrap();
        assert!(
            matches!(answer.status, 200 | 201),
            "adding was answered {}",
            answer.json
        );
    }

    /// Sends over REST and gives the message.
    pub(crate) async fn say(&self, room: &str, content: &str) -> Value {
        let path = format!("/api/rooms/{room}/messages");
        status(
            &self
                .rest
                .post(&path, &json!({ "content": content }))
                .await
                .unwrap(),
            201,
        )
    }

    /// A GET that succeeds.
    pub(crate) async fn read(&self, path: &str) -> Value {
        status(&self.rest.get(path).await.unwrap(), 200)
    }

    /// The room as this person sees it.
    pub(crate) async fn see(&self, room: &str) -> Value {
        self.read(&format!("/api/rooms/{room}")).await
    }

    /// The newest page of at most 200 messages.
    pub(crate) async fn history(&self, room: &str) -> Vec<Value> {
        let page = self
            .read(&format!("/api/rooms/{room}/messages?limit=200"))
            .await;
        page["messages"]
            .as_array()
            .expect("a page has messages")
            .clone()
    }

    /// The room's whole log, at most 1,000 entries.
    pub(crate) async fn log(&self, room: &str) -> Vec<Value> {
        let page = self
            .read(&format!("/api/rooms/{room}/changes?since=0&limit=1000"))
            .await;
        page["changes"]
            .as_array()
            .expect("a page has changes")
            .clone()
    }
}
