//! Logins: knowing who calls, and ending what must end.
//!
//! A session that ends takes its live connections with it at once.

use super::{Caller, Chat, ChatError};
use crate::auth::Token;
use crate::models::{SessionId, Timestamp};
use crate::protocol::auth::{OwnSession, Sessions as SessionList};
use crate::services::announce;
use realtime::{Close, Connection};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A session's last use is written down at most this often.
const USE_NOTED_EVERY: Duration = Duration::from_mins(10);

/// The sessions that are in use here: when that was last written down, and those with live
/// connections. Bounded by the sessions used within [`USE_NOTED_EVERY`] plus the live connections.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    noted: Mutex<HashMap<SessionId, Timestamp>>,
    live: Mutex<HashMap<SessionId, Live>>,
}

#[derive(Debug)]
struct Live {
    connections: usize,
    expires_at: Timestamp,
}

/// A connection's hold on its session: while it lives, the session counts as used.
#[derive(Debug)]
pub struct LiveSession {
    chat: Arc<Chat>,
    session: SessionId,
}

impl Drop for LiveSession {
    fn drop(&mut self) {
        let mut live = self
            .chat
            .sessions
            .live
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = live.get_mut(&self.session) {
            entry.connections -= 1;
            if entry.connections == 0 {
                live.remove(&self.session);
            }
        }
    }
}

impl Chat {
    /// Who this token belongs to.
    ///
    /// # Errors
    /// `Unauthorized` when it is nobody's or has ended.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, ChatError> {
        self.recognise(token).await.map(|(caller, _)| caller)
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
        let (known, _) = self.recognise(token).await?;
        connection.tag(announce::user_tag(known.id()));
        connection.tag(announce::session_tag(known.session));
        // Tagged first, looked at again: whoever revokes the session in between is noticed here,
        // and whoever does later finds the connection by its tag.
        let (caller, expires_at) = self.recognise(token).await?;
        let session = caller.session;
        let mut live = self
            .sessions
            .live
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let entry = live.entry(session).or_insert(Live {
            connections: 0,
            expires_at,
        });
        entry.connections += 1;
        drop(live);
        let live = LiveSession {
            chat: Arc::clone(self),
            session,
        };
        Ok((caller, live))
    }

    async fn recognise(&self, token: &str) -> Result<(Caller, Timestamp), ChatError> {
        const REFUSED: ChatError = ChatError::Unauthorized("sign in first");
        let now = self.clock.now();
        let token = Token::parse(token).ok_or(REFUSED)?;
        let found = self
            .store
            .find_session(token.hash(), now, now.minus(self.policy.session_idle))
            .await?;
        let (session, user) = found.ok_or(REFUSED)?;
        if now.since(session.last_used_at) >= USE_NOTED_EVERY
            && self.sessions.is_news(session.id, now)
        {
            self.store.used_sessions(&[(session.id, now)]).await?;
        }
        Ok((
            Caller {
                user: Arc::new(user),
                session: session.id,
            },
            session.expires_at,
        ))
    }

    /// The caller's logins.
    ///
    /// # Errors
    /// Only faults.
    pub async fn sessions(&self, caller: &Caller) -> Result<SessionList, ChatError> {
        let sessions = self
            .store
            .list_sessions(caller.id(), self.clock.now())
            .await?;
        let sessions = sessions
            .into_iter()
            .map(|session| OwnSession {
                current: session.id == caller.session,
                session,
            })
            .collect();
        Ok(SessionList { sessions })
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
            chat.close_session(session);
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

    /// Tells the connections of an ended session, and ends them.
    pub(super) fn close_session(&self, session: SessionId) {
        let Some(engine) = self.feed.engine() else {
            return;
        };
        for connection in engine.tagged(announce::session_tag(session)) {
            connection.send(announce::session_revoked());
            connection.close(Close::Disconnect);
        }
    }

    /// Writes down that live sessions are in use, and ends those that have come to their end.
    /// Called every few minutes.
    ///
    /// # Errors
    /// Only faults.
    pub async fn keep_sessions(&self) -> Result<(), ChatError> {
        let now = self.clock.now();
        let (ended, used): (Vec<_>, Vec<_>) = {
            let live = self
                .sessions
                .live
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            live.iter()
                .map(|(session, entry)| (*session, entry.expires_at))
                .partition(|(_, end)| *end <= now)
        };
        for (session, _) in ended {
            self.close_session(session);
        }
        let used: Vec<_> = used
            .into_iter()
            .map(|(session, _)| (session, now))
            .collect();
        for chunk in used.chunks(500) {
            self.store.used_sessions(chunk).await?;
        }
        self.sessions.forget_notes(now);
        self.limits.forget_idle();
        Ok(())
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
