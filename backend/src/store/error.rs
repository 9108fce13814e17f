//! What can go wrong with remembering, by what a caller can do about it.

/// Why a step did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else has this `username` or `email`.
    #[error("this {0} is taken")]
    Taken(&'static str),
    /// The step is not allowed as things stand. Nothing was stored.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database cannot be reached, is too busy or gave up. The outcome is unknown; trying the
    /// same step again is safe where it carries a client id or is idempotent.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database holds or answered something it must never hold: a broken promise of our own.
    #[error("stored data is not as promised: {0}")]
    Corrupt(String),
}

/// Why a step is not allowed, as found in its own transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("there is no such room")]
    NoRoom,
    #[error("there is no such message")]
    NoMessage,
    #[error("there is no such user")]
    NoUser,
    /// The room exists, and whoever acts is not a member of it.
    #[error("not a member of this room")]
    NotMember,
    #[error("not the author of this message")]
    NotAuthor,
    /// The message was edited since, and says something else now.
    #[error("another edit of this message was faster")]
    Overtaken,
    /// The room takes no more entries.
    #[error("the room is archived")]
    Archived,
    /// The room would be left without an owner.
    #[error("the room must keep an owner")]
    LastOwner,
    /// Whoever acts may not do that to this user, as both are now.
    #[error("not theirs to govern")]
    NotGoverning,
    /// Nobody does that to oneself.
    #[error("not to oneself")]
    Oneself,
    /// The server would be left without an active owner.
    #[error("the server must keep an owner")]
    LastServerOwner,
    /// A bound on how many was reached.
    #[error("there are too many already")]
    TooMany,
    /// The log no longer reaches back that far.
    #[error("the log no longer reaches back that far")]
    Forgotten,
    /// The database cannot store this value, for a reason that nobody foresaw.
    #[error("this cannot be stored")]
    Unstorable,
    /// What became of this item of a batch is not known; asking again is safe with a client id.
    #[error("the database did not answer")]
    Unknown,
}
