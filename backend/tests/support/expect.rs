//! What was expected, in few words and with the answer in the complaint.

use loadtest::client::{ClientError, Response, Socket};
use serde_json::Value;

/// The JSON of an answer with this status.
#[track_caller]
pub(crate) fn status(answer: &Response, status: u16) -> Value {
    let body = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, status, "the answer was {body}");
    answer.json.clone()
}

/// A refusal over REST: the status that belongs to the code, as problem+json.
#[track_caller]
pub(crate) fn problem(answer: &Response, code: &str) -> Value {
    let body = String::from_utf8_lossy(&answer.body);
    assert_eq!(
        answer.code(),
        code,
        "the answer was {} {body}",
        answer.status
    );
    assert_eq!(answer.status, status_of(code), "the answer was {body}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json["status"], answer.status);
    for field in ["type", "title", "detail"] {
        let text = answer.json[field].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "the problem has no {field}: {body}");
    }
    answer.json.clone()
}

/// A successful acknowledgement.
#[track_caller]
pub(crate) fn ok(answer: Value) -> Value {
    assert_eq!(answer["ok"], true, "the acknowledgement was {answer}");
    answer
}

/// A refusal in an acknowledgement.
#[track_caller]
pub(crate) fn refused(answer: &Value, code: &str) {
    assert_eq!(answer["ok"], false, "the acknowledgement was {answer}");
    assert_eq!(
        answer["error"]["code"], code,
        "the acknowledgement was {answer}"
    );
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(!message.is_empty(), "a refusal without a message: {answer}");
}

/// A refused connection.
#[track_caller]
pub(crate) fn connect_refused(outcome: Result<Socket, ClientError>, code: &str) {
    match outcome {
        Err(ClientError::ConnectRefused {
            code: given,
            message,
        }) => {
            assert_eq!(given, code, "{message}");
            assert!(!message.is_empty(), "a refusal without a message");
        }
        Err(other) => panic!("connecting failed with {other}"),
        Ok(_) => panic!("the connection was let in"),
    }
}

/// The `seq` of each entry, in the order given.
pub(crate) fn seqs(entries: &[Value]) -> Vec<u64> {
    entries.iter().map(seq).collect()
}

#[track_caller]
pub(crate) fn seq(entry: &Value) -> u64 {
    entry["seq"]
        .as_u64()
        .unwrap_or_else(|| panic!("no seq in {entry}"))
}

/// A field that is text.
#[track_caller]
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no text {field} in {value}"))
}

/// The elements of a list.
#[track_caller]
pub(crate) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field]
        .as_array()
        .unwrap_or_else(|| panic!("no list {field} in {value}"))
}

/// Whether this is RFC 3339 in UTC with milliseconds.
#[track_caller]
pub(crate) fn is_a_time(value: &Value) {
    let text = value.as_str().unwrap_or_default();
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(
        shape, "0000-00-00T00:00:00.000Z",
        "{value} is not a time of the contract"
    );
}

fn status_of(code: &str) -> u16 {
    match code {
        "bad_request" => 400,
        "unauthorized" => 401,
        "forbidden" => 403,
        "not_found" => 404,
        "conflict" => 409,
        "gone" => 410,
        "too_large" => 413,
        "unsupported_media" => 415,
        "invalid" => 422,
        "rate_limited" => 429,
        "unavailable" => 503,
        other => panic!("{other} is no code of the contract"),
    }
}
