//! The cookie in which a browser keeps its session.
//!
//! `HttpOnly`, so that no script reads it; `SameSite=Lax`, so that other sites' pages send it only
//! when a person follows a link; under `https` also `Secure` and bound to this very host by its
//! prefix (RFC 6265bis, section 4.1.3).

use super::Token;
use http::{HeaderMap, header};
use std::time::Duration;

fn name(https: bool) -> &'static str {
    if https { "__Host-roost_session" } else { "roost_session" }
}

/// `Set-Cookie` for a fresh login.
pub fn keep(token: &Token, lifetime: Duration, https: bool) -> String {
    set(&token.expose(), lifetime.as_secs(), https)
}

/// `Set-Cookie` that takes the cookie away.
pub fn forget(https: bool) -> String {
    set("", 0, https)
}

fn set(value: &str, max_age: u64, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}", name(https))
}

/// The token in the request's cookie.
pub fn read(headers: &HeaderMap, https: bool) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name(https) && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; roost_session=tok; __Host-roost_session=other".parse().unwrap());
        assert_eq!(read(&headers, false).as_deref(), Some("tok"));
        assert_eq!(read(&headers, true).as_deref(), Some("other"));
        assert_eq!(read(&HeaderMap::new(), true), None);
    }

    #[test]
    fn the_cookie_is_closed_to_scripts_and_other_sites() {
        let token = Token::random();
        let cookie = keep(&token, Duration::from_secs(60), true);
        let expected = format!("__Host-roost_session={}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure", token.expose());
        assert_eq!(cookie, expected);
        assert!(forget(false).starts_with("roost_session=; Path=/; Max-Age=0;"));
    }
}
