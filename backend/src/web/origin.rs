//! Which page a request comes from.
//!
//! A browser sends its cookies wherever a page tells it to, so a request that changes something,
//! or opens a socket, must come from a page of ours. Browsers say where it comes from, in `Origin`
//! and `Sec-Fetch-Site`; programs say nothing, and then must show a token instead of a cookie.

use crate::config::{Http, Origin};
use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use std::net::IpAddr;

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A page of ours, or one the operator allows.
    SameSite,
    /// No browser speaks: the cookie is then no credential.
    NoBrowser,
    /// A page of somebody else.
    Foreign,
}

/// Says where a request from `peer` comes from. An origin is compared whole: scheme, host, port.
pub(super) fn judge(http: &Http, peer: IpAddr, headers: &HeaderMap) -> Verdict {
    let mut origins = headers.get_all(ORIGIN).iter();
    let site = headers
        .get("sec-fetch-site")
        .map(|value| value.to_str().unwrap_or("?"));
    let Some(origin) = origins.next() else {
        return match site {
            None => Verdict::NoBrowser,
            Some("same-origin" | "none") => Verdict::SameSite,
            Some(_) => Verdict::Foreign,
        };
    };
    let origin = origin.to_str().ok().and_then(Origin::parse);
    let (Some(origin), None) = (origin, origins.next()) else {
        return Verdict::Foreign;
    };
    // A page that the operator allows is on another site, and its browser says so.
    if http.allowed_origins.contains(&origin) {
        return Verdict::SameSite;
    }
    let ours = http.public_url.as_ref() == Some(&origin)
        || own_origin(http, peer, headers).as_ref() == Some(&origin);
    if ours && site != Some("cross-site") {
        Verdict::SameSite
    } else {
        Verdict::Foreign
    }
}

/// The origin the request was sent to, as the nearest trusted proxy says, or as it came.
fn own_origin(http: &Http, peer: IpAddr, headers: &HeaderMap) -> Option<Origin> {
    let proxied = http
        .trusted_proxies
        .iter()
        .any(|network| network.contains(peer));
    // The last value is the one the nearest proxy wrote.
    let told = |name: &str| {
        let value = headers
            .get_all(name)
            .iter()
            .next_back()
            .filter(|_| proxied)?;
        value.to_str().ok()?.rsplit(',').next().map(str::trim)
    };
    let https =
        told("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    let host = told("x-forwarded-host").or_else(|| headers.get(HOST)?.to_str().ok())?;
    Origin::new(https, host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Sources};
    use Verdict::{Foreign, NoBrowser, SameSite};

    /// Settings, headers beside `Host: chat.example.org:3000`, and the verdict.
    type Case = (
        &'static [(&'static str, &'static str)],
        &'static [(&'static str, &'static str)],
        Verdict,
    );

    const NONE: &[(&str, &str)] = &[];
    const PUBLIC: &[(&str, &str)] = &[("public_url", "https://chat.example.org")];
    const ALLOWED: &[(&str, &str)] = &[("allowed_origins", "https://intra.example.org")];
    const PROXY: &[(&str, &str)] = &[("trusted_proxies", "127.0.0.1")];

    const CASES: &[Case] = &[
        (NONE, &[], NoBrowser),
        (
            NONE,
            &[("origin", "http://chat.example.org:3000")],
            SameSite,
        ),
        (
            NONE,
            &[("origin", "http://CHAT.example.org:3000")],
            SameSite,
        ),
        (
            NONE,
            &[("origin", "https://chat.example.org:3000")],
            Foreign,
        ),
        (NONE, &[("origin", "http://chat.example.org")], Foreign),
        (
            NONE,
            &[("origin", "http://chat.example.org:3000.evil.example")],
            Foreign,
        ),
        (NONE, &[("origin", "http://evil.example")], Foreign),
        (NONE, &[("origin", "null")], Foreign),
        (NONE, &[("origin", "")], Foreign),
        (
            NONE,
            &[
                ("origin", "http://chat.example.org:3000"),
                ("origin", "http://evil.example"),
            ],
            Foreign,
        ),
        (NONE, &[("sec-fetch-site", "same-origin")], SameSite),
        (NONE, &[("sec-fetch-site", "none")], SameSite),
        (NONE, &[("sec-fetch-site", "same-site")], Foreign),
        (NONE, &[("sec-fetch-site", "cross-site")], Foreign),
        (NONE, &[("sec-fetch-site", "something new")], Foreign),
        (
            NONE,
            &[
                ("origin", "http://chat.example.org:3000"),
                ("sec-fetch-site", "same-origin"),
            ],
            SameSite,
        ),
        (
            NONE,
            &[
                ("origin", "http://chat.example.org:3000"),
                ("sec-fetch-site", "cross-site"),
            ],
            Foreign,
        ),
        (PUBLIC, &[("origin", "https://chat.example.org")], SameSite),
        (
            PUBLIC,
            &[("origin", "https://chat.example.org:443")],
            SameSite,
        ),
        (PUBLIC, &[("origin", "http://chat.example.org")], Foreign),
        (
            PUBLIC,
            &[("origin", "https://chat.example.org.evil.example")],
            Foreign,
        ),
        (
            PUBLIC,
            &[("origin", "http://chat.example.org:3000")],
            SameSite,
        ),
        (
            ALLOWED,
            &[
                ("origin", "https://intra.example.org"),
                ("sec-fetch-site", "cross-site"),
            ],
            SameSite,
        ),
        (ALLOWED, &[("origin", "https://other.example.org")], Foreign),
        (
            PROXY,
            &[
                ("origin", "https://www.example.org"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "www.example.org"),
            ],
            SameSite,
        ),
        (
            PROXY,
            &[
                ("origin", "http://www.example.org"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "www.example.org"),
            ],
            Foreign,
        ),
        (
            PROXY,
            &[
                ("origin", "https://evil.example"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "evil.example, www.example.org"),
            ],
            Foreign,
        ),
        (
            NONE,
            &[
                ("origin", "https://evil.example"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "evil.example"),
            ],
            Foreign,
        ),
    ];

    #[test]
    fn only_our_own_pages_are_ours() {
        for (settings, sent, expected) in CASES {
            let flags = settings
                .iter()
                .map(|(key, value)| (*key, (*value).to_owned()))
                .collect();
            let http = Config::load(&Sources {
                flags,
                ..Sources::default()
            })
            .unwrap()
            .http;
            let mut headers = HeaderMap::new();
            headers.insert(HOST, "chat.example.org:3000".parse().unwrap());
            for (name, value) in *sent {
                headers.append(*name, value.parse().unwrap());
            }
            let verdict = judge(&http, "127.0.0.1".parse().unwrap(), &headers);
            assert_eq!(verdict, *expected, "{settings:?} {sent:?}");
        }
    }
}
