//! Where a request comes from, and which credential counts there.

use hyper::Method;
use loadtest::client::{Call, ClientError, Connect, Response, Socket, Transport};
use serde_json::json;

use crate::support::{
    expect::{connect_refused, problem, status},
    on_both_databases,
    people::{PASSWORD, Person},
    server::Server,
};

on_both_databases!(
    a_foreign_origin_is_refused_on_unsafe_requests_only,
    a_foreign_origin_cannot_open_a_transport,
    the_servers_own_and_configured_origins_are_let_in,
    a_cookie_speaks_for_a_browser_and_not_for_a_program,
    a_browsers_cookie_opens_a_socket_from_the_own_origin,
    a_bad_bearer_is_refused_even_beside_a_good_cookie,
);

const ELSEWHERE: &str = "http://evil.example";

fn make_room(headers: &[(&str, &str)]) -> Call {
    let body = json!({ "name": "A room", "kind": "public" });
    let call = Call::new(Method::POST, "/api/rooms").json(&body);
    headers
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value))
}

/// Logs in as a browser does and gives the cookie.
async fn cookie_of(server: &Server, person: &Person) -> String {
    let body = json!({ "login": person.name, "password": PASSWORD });
    let answer: Response = server
        .stranger()
        .post("/api/auth/login", &body)
        .await
        .unwrap();
    answer.cookie().expect("a login sets a cookie").to_owned()
}

async fn a_foreign_origin_is_refused_on_unsafe_requests_only(server: Server) {
    let ada = server.person("ada").await;
    for headers in [
        [("origin", ELSEWHERE), ("x-nothing", "")],
        [("origin", "null"), ("x-nothing", "")],
        [("sec-fetch-site", "cross-site"), ("x-nothing", "")],
        [
            ("sec-fetch-site", "cross-site"),
            ("origin", server.url.as_str()),
        ],
        // The same host at another port is another origin.
        [("origin", "http://127.0.0.1:1"), ("x-nothing", "")],
    ] {
        problem(
            &ada.rest.send(make_room(&headers)).await.unwrap(),
            "forbidden",
        );
        let login = json!({ "login": "ada", "password": PASSWORD });
        let login = Call::new(Method::POST, "/api/auth/login").json(&login);
        let login = headers
            .iter()
            .fold(login, |call, (name, value)| call.header(name, value));
        problem(&server.stranger().send(login).await.unwrap(), "forbidden");
    }
    let read = Call::new(Method::GET, "/api/auth/me").header("origin", ELSEWHERE);
    status(&ada.rest.send(read).await.unwrap(), 200);
    let rooms = ada.read("/api/rooms").await;
    assert_eq!(
        rooms["rooms"],
        json!([]),
        "a refused request stored something"
    );
}

async fn a_foreign_origin_cannot_open_a_transport(server: Server) {
    let ada = server.person("ada").await;
    for (name, value) in [("origin", ELSEWHERE), ("sec-fetch-site", "cross-site")] {
        for transport in [Transport::WebSocket, Transport::Polling] {
            let how = ada.connect().header(name, value).transport(transport);
            match Socket::open(&how).await {
                Err(ClientError::Handshake { status: 403, .. }) => {}
                other => panic!("{name}: {value} over {transport:?} gave {other:?}"),
            }
        }
    }
}

async fn the_servers_own_and_configured_origins_are_let_in(server: Server) {
    let server = server
        .restart_with("ROOST_ALLOWED_ORIGINS", "http://intranet.example")
        .await;
    let ada = server.person("ada").await;
    for origin in [server.url.as_str(), "http://intranet.example"] {
        status(
            &ada.rest
                .send(make_room(&[("origin", origin)]))
                .await
                .unwrap(),
            201,
        );
        Socket::open(&ada.connect().header("origin", origin))
            .await
            .unwrap();
    }
    let answer = ada
        .rest
        .send(make_room(&[("origin", ELSEWHERE)]))
        .await
        .unwrap();
    problem(&answer, "forbidden");
}

async fn a_cookie_speaks_for_a_browser_and_not_for_a_program(server: Server) {
    let ada = server.person("ada").await;
    let cookie = cookie_of(&server, &ada).await;
    let stranger = server.stranger();
    let read = Call::new(Method::GET, "/api/auth/me").header("cookie", &cookie);
    status(&stranger.send(read).await.unwrap(), 200);

    let bare = make_room(&[("cookie", &cookie)]);
    problem(&stranger.send(bare).await.unwrap(), "unauthorized");
    let own = make_room(&[("cookie", &cookie), ("origin", &server.url)]);
    status(&stranger.send(own).await.unwrap(), 201);
    let same_site = make_room(&[("cookie", &cookie), ("sec-fetch-site", "same-origin")]);
    status(&stranger.send(same_site).await.unwrap(), 201);
    // The bearer needs no origin.
    status(&ada.rest.send(make_room(&[])).await.unwrap(), 201);
}

async fn a_browsers_cookie_opens_a_socket_from_the_own_origin(server: Server) {
    let ada = server.person("ada").await;
    let cookie = cookie_of(&server, &ada).await;
    for transport in [Transport::WebSocket, Transport::Polling] {
        let how = Connect::to(&server.url)
            .unwrap()
            .header("cookie", &cookie)
            .transport(transport);
        connect_refused(Socket::open(&how).await, "unauthorized");
        Socket::open(&how.header("origin", &server.url))
            .await
            .unwrap();
    }
}

async fn a_bad_bearer_is_refused_even_beside_a_good_cookie(server: Server) {
    let ada = server.person("ada").await;
    let cookie = cookie_of(&server, &ada).await;
    let read = Call::new(Method::GET, "/api/auth/me")
        .header("cookie", &cookie)
        .header("authorization", "Bearer made-up-token");
    problem(&server.stranger().send(read).await.unwrap(), "unauthorized");

    let how = Connect::to(&server.url)
        .unwrap()
        .token("made-up-token")
        .header("cookie", &cookie)
        .header("origin", &server.url);
    connect_refused(Socket::open(&how).await, "unauthorized");
}
