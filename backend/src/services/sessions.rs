//! Logins: knowing who calls, and ending what must end.
//!
//! A session that ends takes its live connections with it at once.

use super::{Caller, Chat, ChatError, LiveSession};
use crate::auth::Token;
use crate::models::{SessionId, Timestamp, TokenHash, UserId};
use crate::protocol::auth::{OwnSession, Sessions as SessionList};
use crate::services::announce;
use crate::store::Login;
use realtime::Connection;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A session's last use is written down at most this often.
const USE_NOTED_EVERY: Duration = Duration::from_mins(10);

const REFUSED: ChatError = ChatError::Unauthorized("sign in first");

/// When the use of a session was last written down. Bounded by the sessions used within
/// [`USE_NOTED_EVERY`].
#[derive(Debug, Default)]
pub(super) struct Sessions {
    noted: Mutex<HashMap<SessionId, Timestamp>>,
}

impl Chat {
    /// Who this token belongs to.
    ///
    /// # Errors
    /// `Unauthorized` when it is nobody's or has ended.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, ChatError> {
        // Alone: a request does not wait for others, however many there are.
        let (token, now) = (hash(token)?, self.clock.now());
        let idle_since = now.minus(self.policy.session_idle);
        let mut found = self.store.find_sessions(&[token], now, idle_since).await?;
        Ok(caller(self.recognise(found.pop().flatten()).await?))
    }

    /// Like [`Chat::authenticate`], for a connection that stays: it can be found by its user and
    /// its session from here on, and the session counts as used while the answer's second part
    /// lives.
    ///
    /// # Errors
    /// `Unauthorized` when it is nobody's or has ended.
    pub async fn authenticate_connection(
        self: &Arc<Self>,
        token: &str,
        connection: &Connection,
    ) -> Result<(Caller, LiveSession), ChatError> {
        let found = self.together.logins.ask(hash(token)?).await?;
        let login = self.recognise(found).await?;
        connection.tag(announce::user_tag(login.user.id));
        connection.tag(announce::session_tag(login.session.id));
        // Tagged first, looked at again: whoever revokes the session in between is noticed here,
        // and whoever does later finds the connection by its tag.
        let live = self.hold(&login).await?;
        if !connection.is_open() {
            return Err(REFUSED);
        }
        Ok((caller(login), live))
    }

    /// Notes that a login that was found is in use.
    async fn recognise(&self, found: Option<Login>) -> Result<Login, ChatError> {
        let login = found.ok_or(REFUSED)?;
        let (now, session) = (self.clock.now(), &login.session);
        if now.since(session.last_used_at) >= USE_NOTED_EVERY
            && self.sessions.is_news(session.id, now)
        {
            self.together.used.ask((session.id, now)).await?;
        }
        Ok(login)
    }

    /// The caller's logins.
    ///
    /// # Errors
    /// Only faults.
    pub async fn sessions(&self, caller: &Caller) -> Result<SessionList, ChatError> {
        self.logins_of(caller.id(), caller.session).await
    }

    /// The logins of a user, among which the one that asks may be.
    pub(super) async fn logins_of(
        &self,
        user: UserId,
        asking: SessionId,
    ) -> Result<SessionList, ChatError> {
        let sessions = self.store.list_sessions(user, self.clock.now()).await?;
        let sessions = sessions.into_iter().map(|session| OwnSession {
            current: session.id == asking,
            session,
        });
        Ok(SessionList {
            sessions: sessions.collect(),
        })
    }

    /// Closes the connections of logins of this user that have ended, here and on the other nodes.
    pub(super) async fn logins_ended(
        &self,
        user: UserId,
        ended: impl IntoIterator<Item = SessionId>,
    ) {
        for session in ended {
            self.close_session(session);
        }
        self.moved(&[user]).await;
    }

    /// Ends one of the caller's logins and closes its connections.
    ///
    /// # Errors
    /// `NotFound` when the caller has no such login.
    pub async fn revoke_session(
        self: &Arc<Self>,
        caller: &Caller,
        session: SessionId,
    ) -> Result<(), ChatError> {
        let (chat, user) = (Arc::clone(self), caller.id());
        self.to_the_end(async move {
            if !chat.store.end_session(user, session).await? {
                return Err(ChatError::NotFound("session"));
            }
            chat.logins_ended(user, [session]).await;
            Ok(())
        })
        .await
    }

    /// Ends the login that asks.
    ///
    /// # Errors
    /// Only faults.
    pub async fn log_out(self: &Arc<Self>, caller: &Caller) -> Result<(), ChatError> {
        match self.revoke_session(caller, caller.session).await {
            // Somebody else was quicker; it has ended all the same.
            Err(ChatError::NotFound(_)) => Ok(()),
            other => other,
        }
    }

    /// Writes down that live sessions are in use, and ends those that have come to their end.
    /// Called every few minutes.
    ///
    /// # Errors
    /// Only faults.
    pub async fn keep_sessions(&self) -> Result<(), ChatError> {
        let now = self.clock.now();
        let (ended, used) = self.known.logins(now);
        for session in ended {
            self.close_session(session);
        }
        let used: Vec<_> = used.into_iter().map(|session| (session, now)).collect();
        for chunk in used.chunks(500) {
            self.store.used_sessions(chunk).await?;
        }
        self.sessions.forget_notes(now);
        self.limits.forget_idle();
        Ok(())
    }
}

fn hash(token: &str) -> Result<TokenHash, ChatError> {
    Token::parse(token).map(|token| token.hash()).ok_or(REFUSED)
}

fn caller(login: Login) -> Caller {
    Caller {
        user: Arc::new(login.user),
        session: login.session.id,
    }
}

impl Sessions {
    /// Whether this use is worth writing down; if so, it counts as written down.
    fn is_news(&self, session: SessionId, now: Timestamp) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = noted
            .get(&session)
            .is_some_and(|at| now.since(*at) < USE_NOTED_EVERY);
        if !fresh {
            noted.insert(session, now);
        }
        !fresh
    }

    fn forget_notes(&self, now: Timestamp) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|_, at| now.since(*at) < USE_NOTED_EVERY);
    }
}
