//! The web client, carried inside the program.
//!
//! A release has the files of `frontend/dist` in it, each beside its `.br` and `.gz` variants
//! where the build made them: nothing is compressed while somebody waits. A development build
//! reads them from the disk at each request. Without them there is a page that says so.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::fmt::Write as _;

#[derive(RustEmbed)]
#[folder = "../frontend/dist"]
struct Files;

/// One file: what is in it, and the SHA-256 of that.
struct Asset {
    data: Bytes,
    hash: [u8; 32],
}

fn embedded(name: &str) -> Option<Asset> {
    let file = Files::get(name)?;
    let data = match file.data {
        Cow::Borrowed(inside) => Bytes::from_static(inside),
        Cow::Owned(read) => read.into(),
    };
    Some(Asset {
        data,
        hash: file.metadata.sha256_hash(),
    })
}

/// Hashed names never change what they mean.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Roost</title>\
    <h1>Roost is running</h1><p>This build has no web client inside. \
    <code>make build</code> makes one that has.</p></html>\n";

/// Paths that belong to programs: nobody who opens one of them wants the client instead.
const NOT_PAGES: [&str; 4] = ["/api", "/socket.io", "/health", "/assets"];

/// Where the client makes the owner's account, while there is no owner.
pub const SETUP: &str = "/setup";

/// Answers a request that nothing else answers: with a file of the client, with its page for an
/// address that the client itself understands, or with 404.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let status = if is_page(path) {
            StatusCode::METHOD_NOT_ALLOWED
        } else {
            StatusCode::NOT_FOUND
        };
        return (status, [(ALLOW, "GET, HEAD")]).into_response();
    }
    answer(&embedded, path, request.headers())
}

/// Answers like [`serve`], for an address within the client at which there is nothing: the page says so
/// to whoever looks at it, and the status to everybody else.
pub async fn serve_nothing(mut request: Request) -> Response {
    // "Not modified" would be taken for what was there before.
    request.headers_mut().remove(IF_NONE_MATCH);
    let mut response = serve(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// `find` gives the file of that name, without a leading slash. The server drops the body of an
/// answer to HEAD and keeps its length.
fn answer(find: &dyn Fn(&str) -> Option<Asset>, path: &str, headers: &HeaderMap) -> Response {
    let name = path.trim_start_matches('/');
    let (name, caching) = if name.starts_with("assets/") {
        (name, FOREVER)
    } else {
        (name, ASK_AGAIN)
    };
    // The variants are not files of their own, and `index.html` has one address.
    let is_variant = [".br", ".gz"].iter().any(|ending| name.ends_with(ending));
    if !name.is_empty()
        && !is_variant
        && let Some(file) = find(name)
    {
        return file_answer(find, name, &file, caching, headers);
    }
    // The front door opens for everybody; an address inside only for who wants to see a page.
    if !(name.is_empty() || is_page(path) && wants_html(headers)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match find("index.html") {
        Some(page) => file_answer(find, "index.html", &page, ASK_AGAIN, headers),
        None => (
            [(CONTENT_TYPE, HTML), (CACHE_CONTROL, ASK_AGAIN)],
            PLACEHOLDER,
        )
            .into_response(),
    }
}

fn is_page(path: &str) -> bool {
    !NOT_PAGES.iter().any(|prefix| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().any(|value| {
        value.to_str().is_ok_and(|accept| {
            accept
                .split(',')
                .any(|range| range.split(';').next().map(str::trim) == Some("text/html"))
        })
    })
}

fn file_answer(
    find: &dyn Fn(&str) -> Option<Asset>,
    name: &str,
    plain: &Asset,
    caching: HeaderValue,
    headers: &HeaderMap,
) -> Response {
    let variant = ["br", "gzip"]
        .into_iter()
        .filter(|coding| accepts(headers, coding))
        .find_map(|coding| {
            let ending = if coding == "gzip" { "gz" } else { coding };
            Some((coding, find(&format!("{name}.{ending}"))?))
        });
    let (coding, file) = match &variant {
        Some((coding, file)) => (Some(*coding), file),
        None => (None, plain),
    };
    let tag = etag(file);
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| {
            tags.split(',')
                .any(|known| known.trim().trim_start_matches("W/") == tag || known.trim() == "*")
        });
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(file.data.clone()));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, content_type(name));
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, file.data.len().into());
        if let Some(coding) = coding {
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, caching);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        ETAG,
        HeaderValue::try_from(tag).expect("hexadecimal digits in quotes"),
    );
    response
}

/// Whether the client takes this coding; `;q=0` says that it does not.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|list| {
            list.split(',').any(|item| {
                let (name, weight) = item.split_once(';').unwrap_or((item, ""));
                let refused = weight
                    .trim()
                    .strip_prefix("q=")
                    .and_then(|q| q.parse().ok())
                    == Some(0.0_f32);
                name.trim().eq_ignore_ascii_case(coding) && !refused
            })
        })
}

/// The content's own name: half of its SHA-256.
fn etag(file: &Asset) -> String {
    let mut tag = String::from("\"");
    for byte in &file.hash[..16] {
        write!(tag, "{byte:02x}").expect("a string takes everything");
    }
    tag.push('"');
    tag
}

fn content_type(name: &str) -> HeaderValue {
    let guess = mime_guess::from_path(name).first_or_octet_stream();
    let is_text =
        guess.type_() == "text" || guess.subtype() == "javascript" || guess.subtype() == "json";
    let full = if is_text {
        format!("{}; charset=utf-8", guess.essence_str())
    } else {
        guess.to_string()
    };
    HeaderValue::try_from(full).expect("a media type is ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

    fn built(name: &str) -> Option<Asset> {
        let (number, data) = match name {
            "index.html" => (1, "the page"),
            "assets/app-1a2b.js" => (2, "the script"),
            "assets/app-1a2b.js.br" => (3, "br"),
            "assets/app-1a2b.js.gz" => (4, "gz"),
            "site.webmanifest" => (5, "{}"),
            "sw.js" => (6, "the worker"),
            _ => return None,
        };
        Some(Asset {
            data: Bytes::from_static(data.as_bytes()),
            hash: [number; 32],
        })
    }

    fn ask(path: &str, headers: &[(&'static str, &str)]) -> Response {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        answer(&built, path, &map)
    }

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn an_address_within_the_client_opens_the_client() {
        for path in ["/", "/rooms/1", "/index.html", "/apian"] {
            let response = ask(path, &[PAGE]);
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(response.headers()[CACHE_CONTROL], "no-cache");
            assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
            assert_eq!(text(response).await, "the page");
        }
    }

    #[test]
    fn the_front_door_opens_for_programs_too() {
        for headers in [&[][..], &[("accept", "*/*")]] {
            assert_eq!(ask("/", headers).status(), 200);
        }
    }

    #[test]
    fn nobody_who_wants_something_else_is_given_the_page() {
        for (path, accept) in [
            ("/api/unknown", PAGE),
            ("/socket.io", PAGE),
            ("/health/unknown", PAGE),
            ("/assets/gone.js", PAGE),
            ("/rooms/1", ("accept", "*/*")),
            ("/favicon.ico", ("accept", "image/avif,image/webp")),
            ("/assets/app-1a2b.js.br", PAGE),
        ] {
            assert_eq!(ask(path, &[accept]).status(), 404, "{path}");
        }
    }

    #[tokio::test]
    async fn a_hashed_file_is_kept_for_a_year_in_the_best_coding_the_browser_takes() {
        for (accepts, coding, body) in [
            ("gzip, deflate, br, zstd", Some("br"), "br"),
            ("gzip", Some("gzip"), "gz"),
            ("br;q=0, gzip;q=0.5", Some("gzip"), "gz"),
            ("identity", None, "the script"),
        ] {
            let response = ask("/assets/app-1a2b.js", &[("accept-encoding", accepts)]);
            let headers = response.headers();
            assert_eq!(
                headers[CACHE_CONTROL],
                "public, max-age=31536000, immutable"
            );
            assert_eq!(headers[CONTENT_TYPE], "text/javascript; charset=utf-8");
            assert_eq!(headers[VARY], "accept-encoding");
            assert_eq!(headers[CONTENT_LENGTH], body.len().to_string());
            assert_eq!(
                headers
                    .get(CONTENT_ENCODING)
                    .map(|value| value.to_str().unwrap()),
                coding
            );
            assert_eq!(text(response).await, body);
        }
    }

    #[tokio::test]
    async fn a_browser_that_has_the_page_is_not_sent_it_again() {
        let tag = ask("/", &[PAGE]).headers()[ETAG]
            .to_str()
            .unwrap()
            .to_owned();
        for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
            let response = ask("/", &[PAGE, ("if-none-match", &known)]);
            assert_eq!(response.status(), 304);
            assert_eq!(response.headers()[ETAG], *tag);
            assert_eq!(text(response).await, "");
        }
        assert_eq!(
            ask("/", &[PAGE, ("if-none-match", "\"other\"")]).status(),
            200
        );
    }

    #[test]
    fn the_manifest_is_called_what_it_is() {
        let response = ask("/site.webmanifest", &[]);
        assert_eq!(
            response.headers()[CONTENT_TYPE],
            "application/manifest+json"
        );
    }

    // A worker that was kept for long would keep its whole release in every browser.
    #[tokio::test]
    async fn the_worker_is_asked_for_again_at_every_look() {
        let response = ask("/sw.js", &[("accept", "*/*")]);
        assert_eq!(response.headers()[CACHE_CONTROL], "no-cache");
        assert_eq!(
            response.headers()[CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );
        let tag = response.headers()[ETAG].to_str().unwrap().to_owned();
        assert_eq!(text(response).await, "the worker");
        assert_eq!(ask("/sw.js", &[("if-none-match", &tag)]).status(), 304);
    }

    #[tokio::test]
    async fn a_build_without_a_client_says_so() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HTML);
        let response = answer(&|_| None, "/", &headers);
        assert_eq!(response.status(), 200);
        assert!(text(response).await.contains("no web client inside"));
    }

    #[tokio::test]
    async fn where_there_is_nothing_the_page_is_sent_whole_and_not_as_found() {
        let request = || Request::get(SETUP).header(ACCEPT, HTML);
        let found = serve(request().body(Body::empty()).unwrap()).await;
        assert_eq!(found.status(), 200);
        let page = text(found).await;
        let again = request().header(IF_NONE_MATCH, "*").body(Body::empty());
        let nothing = serve_nothing(again.unwrap()).await;
        assert_eq!(nothing.status(), 404);
        assert_eq!(nothing.headers()[CACHE_CONTROL], "no-cache");
        assert_eq!(text(nothing).await, page);
        let posted = Request::post(SETUP).body(Body::empty()).unwrap();
        assert_eq!(serve_nothing(posted).await.status(), 405);
    }

    #[tokio::test]
    async fn only_reading_is_answered() {
        for (path, status) in [("/rooms/1", 405), ("/api/unknown", 404)] {
            let request = Request::post(path).body(Body::empty()).unwrap();
            assert_eq!(serve(request).await.status(), status);
        }
    }
}
