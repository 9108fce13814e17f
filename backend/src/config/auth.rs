//! Who gets in, and for how long.

use super::setting::section;
use std::num::NonZeroU32;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

section! {
    /// Who gets in, and for how long.
    auth: Auth, "Accounts" {
        /// `open` lets everybody who reaches the server make an account, `closed` nobody.
        "registration" => registration: Registration = Registration::Open;

        /// A login ends when it has not been used for this long.
        "session_idle" => session_idle: Duration = 30 * DAY;

        /// A login ends after this long, however much it is used.
        "session_lifetime" => session_lifetime: Duration = 180 * DAY;

        /// How many passwords are checked at once. Each takes 19 MiB of memory and some 30 ms of a
        /// processor.
        "password_workers" => password_workers: NonZeroU32 = NonZeroU32::new(2).expect("2 is not 0");
    }
}

/// Whether strangers can make accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    Open,
    Closed,
}
