//! What every answer tells the browser to be careful about.

use crate::config::Http;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};

const CROSS_ORIGIN_OPENER_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// Two years, as browsers' own lists ask for.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");
const NO_DEVICES: HeaderValue =
    HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=(), usb=()");

/// The security headers of this server, worked out once.
#[derive(Clone, Debug)]
pub(super) struct SecurityHeaders {
    policy: HeaderValue,
    https: bool,
}

impl SecurityHeaders {
    pub(super) fn new(http: &Http) -> Self {
        Self {
            policy: content_security_policy(http),
            https: http
                .public_url
                .as_ref()
                .is_some_and(crate::config::Origin::is_https),
        }
    }

    /// Puts them on the answer to a request for `path`. What the answer says about caching stays;
    /// an answer of the API that says nothing is not kept.
    pub(super) fn apply(&self, path: &str, headers: &mut HeaderMap) {
        headers.insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(
            CROSS_ORIGIN_OPENER_POLICY,
            HeaderValue::from_static("same-origin"),
        );
        headers.insert(
            CROSS_ORIGIN_RESOURCE_POLICY,
            HeaderValue::from_static("same-origin"),
        );
        headers.insert(PERMISSIONS_POLICY, NO_DEVICES);
        if self.https {
            headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
        }
        if path.starts_with("/api/") {
            headers
                .entry(CACHE_CONTROL)
                .or_insert(HeaderValue::from_static("no-store"));
        }
    }
}

/// What the answers of the socket's engine need, which are no pages: nobody is to guess what they
/// are.
pub fn not_a_page(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// What a page of ours may load, run and speak to.
fn content_security_policy(http: &Http) -> HeaderValue {
    // `'self'` covers the WebSocket in every browser but older Safari, which wants it named.
    let socket = http
        .public_url
        .as_ref()
        .map_or(String::new(), |url| format!(" {}", url.websocket()));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
         media-src 'self' blob:; font-src 'self'; connect-src 'self'{socket}; worker-src 'self'; \
         manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types roost"
    );
    HeaderValue::try_from(policy).expect("an origin is ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Origin;

    fn answer(public_url: Option<&str>, path: &str) -> HeaderMap {
        let public_url = public_url.and_then(Origin::parse);
        let mut headers = HeaderMap::new();
        SecurityHeaders::new(&Http {
            public_url,
            ..Http::default()
        })
        .apply(path, &mut headers);
        headers
    }

    #[test]
    fn a_page_may_run_nothing_but_our_own_scripts() {
        let headers = answer(None, "/");
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "));
        assert!(
            policy.contains("connect-src 'self';") && policy.contains("frame-ancestors 'none'")
        );
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn only_a_server_reached_by_https_insists_on_it() {
        assert!(
            !answer(Some("http://chat.example.org"), "/").contains_key(STRICT_TRANSPORT_SECURITY)
        );
        let headers = answer(Some("https://chat.example.org"), "/");
        assert!(headers.contains_key(STRICT_TRANSPORT_SECURITY));
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("connect-src 'self' wss://chat.example.org;"));
    }

    #[test]
    fn an_answer_of_the_api_is_kept_by_nobody() {
        assert_eq!(answer(None, "/api/rooms")[CACHE_CONTROL], "no-store");
        assert!(!answer(None, "/").contains_key(CACHE_CONTROL));
    }
}
