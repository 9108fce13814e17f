//! How soon people are taken for gone.

use super::setting::section;
use std::time::Duration;

section! {
    /// How soon people are taken for gone. What clients may rely on is in `docs/protocol/presence.md`.
    presence: Presence, "Presence" {
        /// Somebody whose connection breaks is shown as they were for this long, so that nobody sees
        /// a short break.
        "presence_grace" => grace: Duration = Duration::from_secs(5);

        /// With Redis: how long a server that no longer says that it lives is believed to. When it
        /// was killed, its people are shown as offline after this and no more than a third of it.
        "presence_node_lease" => node_lease: Duration = Duration::from_secs(15);
    }
}
