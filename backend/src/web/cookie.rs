//! The cookie in which a browser keeps its session.
//!
//! Scripts cannot read it, other sites cannot make a browser change anything with it, and under
//! https its name makes browsers refuse one that somebody else's host or an http page has set.

use http::HeaderMap;
use http::header::COOKIE;
use std::time::Duration;

fn name(https: bool) -> &'static str {
    if https {
        "__Host-roost_session"
    } else {
        "roost_session"
    }
}

/// The value of the session's cookie in a request, if there is one.
pub fn session_cookie(headers: &HeaderMap, https: bool) -> Option<String> {
    let lines = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.trim() == name(https))?;
    Some(value.trim().to_owned())
}

/// The `Set-Cookie` that keeps a session for as long as `lifetime`.
pub fn keep_cookie(token: &str, lifetime: Duration, https: bool) -> String {
    set(token, lifetime.as_secs(), https)
}

/// The `Set-Cookie` that ends it.
pub fn forget_cookie(https: bool) -> String {
    set("", 0, https)
}

fn set(value: &str, seconds: u64, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!(
        "{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}",
        name(https)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookie: &str, https: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookie.parse().unwrap());
        session_cookie(&headers, https)
    }

    #[test]
    fn a_browser_gives_back_what_it_was_told_to_keep() {
        for https in [true, false] {
            let kept = keep_cookie("abc-_", Duration::from_mins(1), https);
            let pair = kept.split(';').next().unwrap();
            assert_eq!(
                sent(&format!("theme=dark; {pair}; x=y"), https).as_deref(),
                Some("abc-_")
            );
            assert!(kept.contains("; HttpOnly; SameSite=Lax") && kept.contains("Max-Age=60"));
            assert_eq!(kept.ends_with("; Secure"), https);
        }
        assert!(forget_cookie(true).starts_with("__Host-roost_session=; Path=/; Max-Age=0;"));
    }

    #[test]
    fn another_cookie_is_not_the_session() {
        assert_eq!(
            sent("roost_session2=a; my-roost_session=b; roost_session", false),
            None
        );
        assert_eq!(
            sent("roost_session=a", true),
            None,
            "https takes only the name browsers protect"
        );
    }
}
