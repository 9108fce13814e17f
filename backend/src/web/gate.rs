//! The door every HTTP request goes through.

use super::{SecurityHeaders, Verdict, client_address, judge};
use crate::config::Http;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, UPGRADE};
use http::{HeaderMap, Method, StatusCode};
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Whose request it is, as an extension of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Gives the request its [`ClientAddress`] and [`Verdict`] as extensions, turns a foreign page
/// away where it could do harm, and puts the security headers on every answer, this one included.
///
/// The peer is taken from the `ConnectInfo<SocketAddr>` extension; a request without one comes
/// from nobody who is trusted.
pub async fn guard(
    State((http, headers)): State<(Arc<Http>, SecurityHeaders)>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
            peer.ip()
        });
    let verdict = judge(&http, peer, request.headers());
    let address = client_address(peer, request.headers(), &http.trusted_proxies);
    let path = request.uri().path().to_owned();
    let mut response =
        if verdict == Verdict::Foreign && can_harm(request.method(), &path, request.headers()) {
            refusal()
        } else {
            request.extensions_mut().insert(verdict);
            request.extensions_mut().insert(ClientAddress(address));
            next.run(request).await
        };
    headers.apply(&path, response.headers_mut());
    response
}

/// Whether a request does more than read: it changes something, or speaks to the socket.
fn can_harm(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    !method.is_safe() || headers.contains_key(UPGRADE) || path.starts_with("/socket.io")
}

fn refusal() -> Response {
    let problem = json!({
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "This request comes from a page of another site. If that page is this server's own, \
                   its address belongs into the setting public_url.",
        "code": "forbidden",
    });
    let json = [(CONTENT_TYPE, "application/problem+json")];
    (StatusCode::FORBIDDEN, json, problem.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Extension, Router, body::Body, middleware, routing::any};
    use tower::ServiceExt as _;

    async fn asked(method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let http = Arc::new(Http::default());
        let state = (Arc::clone(&http), SecurityHeaders::new(&http));
        let answer = |Extension(ClientAddress(address)): Extension<ClientAddress>,
                      Extension(verdict): Extension<Verdict>| async move {
            format!("{address} {verdict:?}")
        };
        let app = Router::new()
            .fallback(any(answer))
            .layer(middleware::from_fn_with_state(state, guard));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:3000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4711))));
        app.oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_foreign_page_may_look_but_not_touch() {
        let foreign = ("origin", "https://evil.example");
        for (method, path, headers, status) in [
            ("GET", "/", &[foreign][..], 200),
            ("POST", "/api/auth/login", &[foreign], 403),
            (
                "DELETE",
                "/api/rooms",
                &[("sec-fetch-site", "cross-site")],
                403,
            ),
            ("GET", "/socket.io/", &[foreign], 403),
            ("GET", "/live", &[foreign, ("upgrade", "websocket")], 403),
            (
                "POST",
                "/api/auth/login",
                &[("origin", "http://localhost:3000")],
                200,
            ),
            ("POST", "/api/auth/login", &[], 200),
        ] {
            let response = asked(method, path, headers).await;
            assert_eq!(response.status(), status, "{method} {path}");
            assert!(
                response.headers().contains_key("content-security-policy"),
                "{method} {path}"
            );
        }
    }

    #[tokio::test]
    async fn whoever_comes_after_knows_who_asks() {
        let response = asked("GET", "/", &[]).await;
        let body = axum::body::to_bytes(response.into_body(), 1_000)
            .await
            .unwrap();
        assert_eq!(body, "192.0.2.1 NoBrowser");
    }
}
