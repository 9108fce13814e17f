//! The front of the house, as the operator set it up.

use super::address::client_address;
use super::headers::SecurityHeaders;
use super::origin::{Verdict, judge};
use crate::config::{Http, Origin};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Answers what must be known of a request before anybody is asked for.
#[derive(Clone, Debug)]
pub struct Front {
    http: Http,
    headers: SecurityHeaders,
}

impl Front {
    pub fn new(http: Http) -> Self {
        Self {
            headers: SecurityHeaders::new(&http),
            http,
        }
    }

    /// Whether people reach this server by https, so that cookies must be `Secure`.
    pub fn is_https(&self) -> bool {
        self.http.public_url.as_ref().is_some_and(Origin::is_https)
    }

    /// Which page a request comes from.
    pub fn verdict(&self, peer: SocketAddr, headers: &HeaderMap) -> Verdict {
        judge(&self.http, peer.ip(), headers)
    }

    /// The address a request comes from, seen through the trusted proxies.
    pub fn client_address(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        client_address(peer.ip(), headers, &self.http.trusted_proxies)
    }
}

/// Puts the security headers on every answer: the outermost layer of the router.
pub async fn secure(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    front.headers.apply(&path, response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, middleware};
    use http::header::CONTENT_SECURITY_POLICY;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn an_answer_without_a_route_is_protected_too() {
        let front = Arc::new(Front::new(Http::default()));
        let app = Router::new().layer(middleware::from_fn_with_state(front, secure));
        let request = Request::get("/api/nowhere").body(Body::empty()).unwrap();
        let response = app.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 404);
        assert!(response.headers().contains_key(CONTENT_SECURITY_POLICY));
    }

    #[test]
    fn a_request_is_judged_by_what_the_operator_chose() {
        let public_url = Origin::parse("https://chat.example.org");
        let front = Front::new(Http {
            public_url,
            ..Http::default()
        });
        assert!(front.is_https() && !Front::new(Http::default()).is_https());
        let peer = SocketAddr::from(([192, 0, 2, 1], 4711));
        let mut headers = HeaderMap::new();
        assert_eq!(front.verdict(peer, &headers), Verdict::NoBrowser);
        headers.insert("origin", "https://chat.example.org".parse().unwrap());
        assert_eq!(front.verdict(peer, &headers), Verdict::SameSite);
        headers.insert("x-forwarded-for", "1.2.3.4".parse().unwrap());
        assert_eq!(front.client_address(peer, &headers), peer.ip());
    }
}
