//! Acknowledgements: what was done, or why not.

use crate::protocol::error::{NotOk, Ok as Done};
use crate::protocol::object;
use crate::services::ChatError;
use realtime::{Ack, Event};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Answers an event. A fault of ours is logged.
pub(super) fn answer<T: Serialize>(ack: Ack, outcome: Result<T, ChatError>) {
    match outcome {
        Ok(answer) => ack.send(&Done::new(answer)),
        Err(error) => {
            if let Some(cause) = error.cause() {
                tracing::error!(connection.id = ack.connection().0, cause, "an event failed");
            }
            ack.send(&refusal(&error));
        }
    }
}

/// A refusal as it travels.
pub(super) fn refusal(error: &ChatError) -> NotOk {
    NotOk {
        ok: false,
        error: error.to_socket(),
    }
}

/// The event's payload: its first argument.
///
/// # Errors
/// `BadRequest` when there is none or it is something else.
pub(super) fn payload<T: DeserializeOwned>(event: &Event) -> Result<T, ChatError> {
    let payload = event
        .args
        .first()
        .ok_or_else(|| ChatError::BadRequest("this event needs a payload".to_owned()))?;
    object::read(payload.get().as_bytes()).map_err(ChatError::BadRequest)
}
