//! What a request asks for, and how it is refused.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use crate::body::Body;
use crate::connection::TransportKind;

/// The only protocol version there is.
const VERSION: &str = "4";

/// What the query of a request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Query<'a> {
    pub(crate) transport: TransportKind,
    pub(crate) sid: Option<&'a str>,
}

/// Why a request is refused, with the codes of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    UnknownTransport,
    UnknownSession,
    BadMethod,
    BadRequest,
    UnsupportedVersion,
    /// Not our path.
    NotHere,
    /// A body larger than allowed.
    TooLarge,
    /// The server is going away.
    Draining,
    /// Too many transports from one address.
    Crowded,
}

impl<'a> Query<'a> {
    pub(crate) fn parse(query: &'a str) -> Result<Query<'a>, Refused> {
        let get = |name: &str| {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find_map(|(key, value)| (key == name).then_some(value))
        };
        let transport = match get("transport") {
            Some("polling") => TransportKind::Polling,
            Some("websocket") => TransportKind::WebSocket,
            _ => return Err(Refused::UnknownTransport),
        };
        if get("EIO") != Some(VERSION) {
            return Err(Refused::UnsupportedVersion);
        }
        Ok(Query {
            transport,
            sid: get("sid").filter(|sid| !sid.is_empty()),
        })
    }
}

impl Refused {
    fn parts(self) -> (StatusCode, &'static str) {
        match self {
            Refused::UnknownTransport => (
                StatusCode::BAD_REQUEST,
                r#"{"code":0,"message":"Transport unknown"}"#,
            ),
            Refused::UnknownSession => (
                StatusCode::BAD_REQUEST,
                r#"{"code":1,"message":"Session ID unknown"}"#,
            ),
            Refused::BadMethod => (
                StatusCode::BAD_REQUEST,
                r#"{"code":2,"message":"Bad handshake method"}"#,
            ),
            Refused::BadRequest => (
                StatusCode::BAD_REQUEST,
                r#"{"code":3,"message":"Bad request"}"#,
            ),
            Refused::UnsupportedVersion => (
                StatusCode::BAD_REQUEST,
                r#"{"code":5,"message":"Unsupported protocol version"}"#,
            ),
            Refused::NotHere => (StatusCode::NOT_FOUND, r#"{"code":3,"message":"Not here"}"#),
            Refused::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                r#"{"code":3,"message":"Payload too large"}"#,
            ),
            Refused::Draining => (
                StatusCode::SERVICE_UNAVAILABLE,
                r#"{"code":3,"message":"Going away"}"#,
            ),
            Refused::Crowded => (
                StatusCode::TOO_MANY_REQUESTS,
                r#"{"code":3,"message":"Too many connections"}"#,
            ),
        }
    }

    pub(crate) fn response(self) -> Response<Body> {
        let (status, json) = self.parts();
        let mut response = Response::new(Body::from(Bytes::from_static(json.as_bytes())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        uncached(headers);
        response
    }
}

/// An answer of packets.
pub(crate) fn text(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/plain; charset=UTF-8");
    headers.insert(header::CONTENT_TYPE, kind);
    uncached(headers);
    response
}

fn uncached(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_version_transport_and_session() {
        let query = Query::parse("EIO=4&transport=polling&t=abc").unwrap();
        assert_eq!((query.transport, query.sid), (TransportKind::Polling, None));
        let query = Query::parse("EIO=4&transport=websocket&sid=xyz").unwrap();
        assert_eq!(
            (query.transport, query.sid),
            (TransportKind::WebSocket, Some("xyz"))
        );
    }

    #[test]
    fn other_queries_are_refused() {
        for (query, refused) in [
            ("", Refused::UnknownTransport),
            ("EIO=4", Refused::UnknownTransport),
            ("EIO=4&transport=abc", Refused::UnknownTransport),
            ("transport=polling", Refused::UnsupportedVersion),
            ("EIO=3&transport=polling", Refused::UnsupportedVersion),
            ("EIO=abc&transport=websocket", Refused::UnsupportedVersion),
        ] {
            assert_eq!(Query::parse(query), Err(refused), "{query}");
        }
    }
}
