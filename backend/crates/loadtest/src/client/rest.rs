//! The REST half of the contract.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue},
};
use serde_json::{Value, json};

use super::{Address, ClientError, http::Http};

/// Speaks JSON to `/api` over one kept-alive connection.
///
/// A clone shares the connection; [`Rest::with_token`] and [`Rest::anonymous`]
/// open their own.
#[derive(Clone, Debug)]
pub struct Rest {
    http: Arc<Http>,
    token: Option<String>,
    headers: HeaderMap,
}

/// One request, for what the short methods cannot say.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
}

/// What the server answered, read to the end.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The body as JSON; `Null` when it is not JSON.
    pub json: Value,
}

/// Somebody who has signed up or logged in.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: String,
    pub username: String,
    pub token: String,
    pub user: Value,
}

impl Call {
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: HeaderMap::new(),
            body: None,
        }
    }

    /// Adds a header; a later one of the same name replaces an earlier one.
    ///
    /// # Panics
    /// When the name or value is no legal header: such a request cannot be sent.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("the caller writes legal header names");
        let value = HeaderValue::try_from(value).expect("the caller writes legal header values");
        self.headers.insert(name, value);
        self
    }

    /// A body as it stands, without a content type.
    #[must_use]
    pub fn raw(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// A JSON body with its content type.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json")
            .raw(body.to_string())
    }
}

impl Response {
    /// The stable machine word of a refusal, or "" on success.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// A header as text, or "" when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The error of a caller that needed another answer to `what`.
    pub fn unexpected(&self, what: &str) -> ClientError {
        ClientError::Unexpected {
            what: what.to_owned(),
            status: self.status,
            body: String::from_utf8_lossy(&self.body).into_owned(),
        }
    }

    /// The session cookie as `name=value`, when the answer set one.
    pub fn cookie(&self) -> Option<&str> {
        self.header("set-cookie")
            .split(';')
            .next()
            .filter(|pair| pair.contains('='))
    }
}

impl Rest {
    /// A client of the server at `url`, signed in as nobody.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        Ok(Self::at(Address::parse(url)?))
    }

    fn at(address: Address) -> Self {
        Self {
            http: Arc::new(Http::new(address)),
            token: None,
            headers: HeaderMap::new(),
        }
    }

    /// The same server over a connection of its own, with this bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        let mut other = self.anonymous();
        other.token = Some(token.to_owned());
        other
    }

    /// The same server over a connection of its own, with no credential.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self::at(self.http.address().clone())
    }

    /// Sends this header with every request.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .extend(Call::new(Method::GET, "").header(name, value).headers);
        self
    }

    pub fn address(&self) -> &Address {
        self.http.address()
    }

    pub async fn get(&self, path: &str) -> Result<Response, ClientError> {
        self.send(Call::new(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Response, ClientError> {
        self.send(Call::new(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Result<Response, ClientError> {
        self.send(Call::new(Method::PUT, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Result<Response, ClientError> {
        self.send(Call::new(Method::PATCH, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Response, ClientError> {
        self.send(Call::new(Method::DELETE, path)).await
    }

    /// Sends exactly this, plus `Host`, the token and the headers of every request.
    pub async fn send(&self, call: Call) -> Result<Response, ClientError> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(&call.path)
            .body(Full::new(call.body.unwrap_or_default()))?;
        let headers = request.headers_mut();
        headers.insert(HOST, header_value(self.http.address().authority())?);
        if let Some(token) = &self.token {
            headers.insert(AUTHORIZATION, header_value(&format!("Bearer {token}"))?);
        }
        headers.extend(self.headers.clone());
        headers.extend(call.headers);
        let (status, headers, body) = self.http.call(request).await?;
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Ok(Response {
            status: status.as_u16(),
            headers,
            body,
            json,
        })
    }

    /// Signs somebody up; anything but 201 is an error.
    pub async fn register(&self, username: &str, password: &str) -> Result<Account, ClientError> {
        let body = json!({ "username": username, "password": password });
        let answer = self.post("/api/auth/register", &body).await?;
        account("registering", 201, &answer)
    }

    /// Logs somebody in; anything but 200 is an error.
    pub async fn login(&self, login: &str, password: &str) -> Result<Account, ClientError> {
        let body = json!({ "login": login, "password": password });
        let answer = self.post("/api/auth/login", &body).await?;
        account("logging in", 200, &answer)
    }

    /// Makes a public or private room; anything but 201 is an error.
    pub async fn create_room(&self, name: &str, kind: &str) -> Result<Value, ClientError> {
        let answer = self
            .post("/api/rooms", &json!({ "name": name, "kind": kind }))
            .await?;
        if answer.status == 201 {
            Ok(answer.json)
        } else {
            Err(answer.unexpected("making a room"))
        }
    }
}

fn header_value(text: &str) -> Result<HeaderValue, ClientError> {
    HeaderValue::try_from(text).map_err(|error| ClientError::Request(error.into()))
}

fn account(what: &str, expected: u16, answer: &Response) -> Result<Account, ClientError> {
    let user = answer.json["user"].clone();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match (
        text(&answer.json["token"]),
        text(&user["id"]),
        text(&user["username"]),
    ) {
        (Some(token), Some(id), Some(username)) if answer.status == expected => Ok(Account {
            id,
            username,
            token,
            user,
        }),
        _ => Err(answer.unexpected(what)),
    }
}
