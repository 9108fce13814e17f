//! Whose request it is, by address.

use crate::config::Network;
use http::HeaderMap;
use http::header::FORWARDED;
use std::net::{IpAddr, SocketAddr};

/// The address a request comes from: the peer, or behind trusted proxies the nearest address in
/// `X-Forwarded-For`, else `Forwarded`, that is not one of theirs. What a stranger writes into
/// these headers is never believed. Where the chain cannot be read, the last proxy that could be
/// is the answer.
pub(super) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address| trusted.iter().any(|network| network.contains(address));
    let mut nearest = peer.to_canonical();
    for hop in hops(headers).into_iter().rev() {
        if !is_trusted(nearest) {
            break;
        }
        let Some(address) = hop else { break };
        nearest = address;
    }
    nearest
}

/// The addresses that proxies wrote down, the nearest last; `None` for one that is no address.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lists = |name: &str| -> Vec<String> {
        headers
            .get_all(name)
            .iter()
            // A header that is not text is one hop that cannot be read.
            .flat_map(|value| value.to_str().unwrap_or("?").split(','))
            .map(|part| part.trim().to_owned())
            .collect()
    };
    let forwarded_for = lists("x-forwarded-for");
    if !forwarded_for.is_empty() {
        return forwarded_for.iter().map(|hop| read(hop)).collect();
    }
    let element = |hop: &String| {
        let named = hop.split(';').filter_map(|pair| pair.split_once('='));
        let mut named = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
        read(named.next()?.1.trim().trim_matches('"'))
    };
    lists(FORWARDED.as_str()).iter().map(element).collect()
}

/// An address as proxies write it: alone, with a port, IPv6 in brackets.
fn read(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let address = bare
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()))
        .ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Sources};

    fn trusted(networks: &str) -> Vec<Network> {
        let flags = vec![("trusted_proxies", networks.to_owned())];
        Config::load(&Sources {
            flags,
            ..Sources::default()
        })
        .unwrap()
        .http
        .trusted_proxies
    }

    fn seen(peer: &str, proxies: &str, headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        client_address(peer.parse().unwrap(), &map, &trusted(proxies)).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        let forged = [("x-forwarded-for", "9.9.9.9"), ("forwarded", "for=9.9.9.9")];
        assert_eq!(seen("1.2.3.4", "", &forged), "1.2.3.4");
        assert_eq!(seen("1.2.3.4", "10.0.0.0/8", &forged), "1.2.3.4");
    }

    #[test]
    fn behind_proxies_the_nearest_address_that_is_not_theirs_counts() {
        for (headers, expected) in [
            (&[("x-forwarded-for", "9.9.9.9, 1.2.3.4")][..], "1.2.3.4"),
            (
                &[("x-forwarded-for", "9.9.9.9, 1.2.3.4, 10.0.0.2")],
                "1.2.3.4",
            ),
            (
                &[
                    ("x-forwarded-for", "9.9.9.9"),
                    ("x-forwarded-for", "1.2.3.4"),
                ],
                "1.2.3.4",
            ),
            (&[("x-forwarded-for", "1.2.3.4:5678")], "1.2.3.4"),
            (&[("x-forwarded-for", "[2001:db8::1]:5678")], "2001:db8::1"),
            (&[("x-forwarded-for", "[2001:db8::1]")], "2001:db8::1"),
            (&[("x-forwarded-for", "::ffff:1.2.3.4")], "1.2.3.4"),
            (&[("x-forwarded-for", "10.0.0.3, 10.0.0.2")], "10.0.0.3"),
            (&[("x-forwarded-for", "1.2.3.4, unknown")], "10.0.0.1"),
            (
                &[("x-forwarded-for", "1.2.3.4, unknown, 10.0.0.2")],
                "10.0.0.2",
            ),
            (
                &[("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=9.9.9.9")],
                "1.2.3.4",
            ),
            (
                &[(
                    "forwarded",
                    "for=9.9.9.9, For=\"[2001:db8::1]:80\";proto=https",
                )],
                "2001:db8::1",
            ),
            (&[("forwarded", "for=1.2.3.4;by=10.0.0.1")], "1.2.3.4"),
            (&[("forwarded", "for=_hidden")], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(
                seen("10.0.0.1", "10.0.0.0/8", headers),
                expected,
                "{headers:?}"
            );
        }
    }
}
