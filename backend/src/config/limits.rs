//! How much one person or one address may ask for.

use super::{Rate, setting::section};
use std::num::NonZeroU32;

section! {
    /// How much one person or one address may ask for.
    limits: Limits, "Limits" {
        /// `off` lifts the rates below, for load tests. Sizes and connections stay limited.
        "limits" => enabled: bool = true;

        /// Messages one user may send.
        "limit_send" => send: Rate = Rate::per_second(10, 50);

        /// Rooms one user may join or catch up on.
        "limit_join" => join: Rate = Rate::per_second(20, 200);

        /// Typing notices one user may give.
        "limit_typing" => typing: Rate = Rate::per_second(2, 2);

        /// Login attempts from one address. IPv6 addresses count by their /64.
        "limit_login" => login: Rate = Rate::per_minute(10);

        /// New accounts from one address.
        "limit_registration" => registration: Rate = Rate::per_hour(10);

        /// The largest request body and the largest WebSocket message, in bytes.
        "limit_body_bytes" => body_bytes: NonZeroU32 = NonZeroU32::new(128 * 1024).expect("128 KiB is not 0");

        /// Connections one address may hold open. A whole office may share one.
        "limit_connections_per_address" => connections_per_address: NonZeroU32 = NonZeroU32::new(2_000).expect("2,000 is not 0");
    }
}
