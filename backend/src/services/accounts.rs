//! Making accounts, logging in, and what somebody says about themselves.

use super::error::InField;
use super::limits::{LimitKey, Rule};
use super::{Caller, Chat, ChatError, check};
use crate::auth::{Password, Token};
use crate::models::{
    DisplayName, Email, Me, NewSession, NewUser, Refused, SessionId, User, UserId, UserPatch,
    Username, text,
};
use crate::protocol::auth::{
    AtTheDoor, ChangePassword, ListUsers, LogIn, PatchMe, Register, Registering, Users,
};
use crate::store::UserFilter;
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// From where, and with what, somebody logs in.
#[derive(Clone, Debug)]
pub struct Origin {
    pub address: IpAddr,
    pub user_agent: String,
}

/// Bytes of settings kept for a client.
const SETTINGS_BYTES: usize = 16 * 1024;
/// Characters kept of what a client calls itself.
const USER_AGENT_CHARACTERS: usize = 200;

impl Chat {
    /// What a stranger may know before they are somebody.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn at_the_door(&self) -> Result<AtTheDoor, ChatError> {
        let has_owner = self.has_owner().await?;
        let registration = if self.policy.registration_open || !has_owner {
            Registering::Open
        } else {
            Registering::Closed
        };
        Ok(AtTheDoor {
            has_owner,
            registration,
        })
    }

    /// Whether anybody owns this server. Whoever was once told so by the store need not ask again: the
    /// first account is the owner's, and the last owner stays one.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn has_owner(&self) -> Result<bool, ChatError> {
        if !self.owned.load(Ordering::Relaxed) && self.store.has_users().await? {
            self.owned.store(true, Ordering::Relaxed);
        }
        Ok(self.owned.load(Ordering::Relaxed))
    }

    /// Makes an account and logs it in. The first account of all is the owner's, and is possible
    /// even when registration is closed.
    ///
    /// # Errors
    /// `Invalid`, `Conflict`, `Forbidden` when closed, `RateLimited`.
    pub async fn register(
        self: &Arc<Self>,
        request: Register,
        origin: Origin,
    ) -> Result<(Token, Me), ChatError> {
        if !self.policy.registration_open && self.has_owner().await? {
            return Err(ChatError::Forbidden(
                "this server does not take new accounts",
            ));
        }
        let username = Username::parse(&request.username).in_field("username")?;
        let password = Password::parse(&request.password).in_field("password")?;
        let display_name = request.display_name.as_deref().unwrap_or(&request.username);
        let display_name = DisplayName::parse(display_name).in_field("displayName")?;
        let email = request
            .email
            .as_deref()
            .map(Email::parse)
            .transpose()
            .in_field("email")?;
        self.limits
            .check(Rule::Register, LimitKey::Address(origin.address))?;

        let password_hash = self.passwords.hash(password).await?;
        let now = self.clock.now();
        let (token, session) = self.fresh_session(&origin);
        let user = NewUser {
            id: UserId(Uuid::now_v7()),
            username,
            display_name,
            email,
            password_hash,
            created_at: now,
        };
        let id = user.id;
        self.store.register(user, session).await?;
        Ok((token, self.find_me(id).await?))
    }

    /// Logs in by username or e-mail address.
    ///
    /// # Errors
    /// `Unauthorized`, the same for an unknown name and a wrong password; `Forbidden` when the password
    /// is right and the account deactivated; `RateLimited`.
    pub async fn log_in(
        self: &Arc<Self>,
        request: LogIn,
        origin: Origin,
    ) -> Result<(Token, Me), ChatError> {
        const REFUSED: ChatError = ChatError::Unauthorized("wrong username or password");
        const DEACTIVATED: ChatError =
            ChatError::Forbidden("this account is deactivated; ask whoever runs this server");
        self.limits
            .check(Rule::LogIn, LimitKey::Address(origin.address))?;
        let login = request.login.trim().to_lowercase();
        let account = if login.contains('\0') {
            None
        } else {
            self.store.find_account(&login).await?
        };
        // Checked even when there is no account: the time taken does not tell a stranger which
        // names are registered.
        let hash = account
            .as_ref()
            .map(|account| account.password_hash.as_str());
        let right = self
            .passwords
            .verify(Password::attempt(&request.password), hash)
            .await?;
        let Some(account) = account.filter(|_| right) else {
            return Err(REFUSED);
        };
        if account.deactivated_at.is_some() {
            return Err(DEACTIVATED);
        }

        let (token, session) = self.fresh_session(&origin);
        let (user, id) = (account.user.id, session.id);
        self.store.create_session(user, session).await?;
        // A password changed since it was checked, or a deactivation, has ended all sessions but this
        // one.
        let now = self.store.find_account_of(user).await?;
        let refusal = match now {
            Some(now) if now.password_hash != account.password_hash => REFUSED,
            Some(now) if now.deactivated_at.is_some() => DEACTIVATED,
            Some(_) => return Ok((token, self.find_me(user).await?)),
            None => REFUSED,
        };
        self.store.end_session(user, id).await?;
        Err(refusal)
    }

    /// Sets a new password; all other logins of the caller end at once.
    ///
    /// # Errors
    /// `Invalid` when the current one is wrong or the new one refused; `RateLimited`.
    pub async fn change_password(
        self: &Arc<Self>,
        caller: &Caller,
        request: ChangePassword,
        address: IpAddr,
    ) -> Result<(), ChatError> {
        self.limits.check(Rule::LogIn, LimitKey::Address(address))?;
        let new = Password::parse(&request.new).in_field("new")?;
        let account = self.store.find_account_of(caller.id()).await?;
        let hash = account
            .as_ref()
            .map(|account| account.password_hash.as_str());
        if !self
            .passwords
            .verify(Password::attempt(&request.current), hash)
            .await?
        {
            return Err(ChatError::invalid(
                "current",
                "this is not the current password",
            ));
        }
        let hash = self.passwords.hash(new).await?;
        let (chat, user, session) = (Arc::clone(self), caller.id(), caller.session());
        self.to_the_end(async move {
            let ended = chat.store.set_password(user, &hash, Some(session)).await?;
            chat.logins_ended(user, ended).await;
            Ok(())
        })
        .await
    }

    /// The caller, as they see themselves.
    ///
    /// # Errors
    /// Only faults.
    pub async fn me(&self, caller: &Caller) -> Result<Me, ChatError> {
        self.find_me(caller.id()).await
    }

    /// Changes what the caller says about themselves.
    ///
    /// # Errors
    /// `Invalid`, `Conflict`.
    pub async fn update_me(&self, caller: &Caller, request: PatchMe) -> Result<Me, ChatError> {
        let patch = UserPatch {
            display_name: request
                .display_name
                .as_deref()
                .map(DisplayName::parse)
                .transpose()
                .in_field("displayName")?,
            email: request
                .email
                .map(|email| email.as_deref().map(Email::parse).transpose())
                .transpose()
                .in_field("email")?,
            avatar_url: request
                .avatar_url
                .map(|url| url.map(checked_avatar).transpose())
                .transpose()
                .in_field("avatarUrl")?,
            last_seen_visible: request.last_seen_visible,
            settings: match request.settings {
                None => None,
                Some(Value::Object(map)) => {
                    let text = serde_json::to_string(&map).unwrap_or_default();
                    if text.len() > SETTINGS_BYTES || text.contains("\\u0000") {
                        return Err(ChatError::invalid(
                            "settings",
                            "settings must have at most 16384 bytes and no NUL",
                        ));
                    }
                    Some(map)
                }
                Some(_) => {
                    return Err(ChatError::invalid("settings", "settings must be an object"));
                }
            },
        };
        self.store
            .update_user(caller.id(), patch)
            .await?
            .ok_or(ChatError::Unauthorized("this account is gone"))
    }

    /// Somebody.
    ///
    /// # Errors
    /// `NotFound`, also for a guest who shares no room with them.
    pub async fn user(&self, caller: &Caller, user: UserId) -> Result<User, ChatError> {
        let known = !caller.is_guest()
            || user == caller.id()
            || self.acquaintances(caller).await?.contains(&user);
        let found = if known {
            self.store.find_user(user).await?
        } else {
            None
        };
        found.ok_or(ChatError::NotFound("user"))
    }

    /// Everybody else who shares a room with the caller.
    async fn acquaintances(&self, caller: &Caller) -> Result<Vec<UserId>, ChatError> {
        let known = self
            .store
            .list_acquaintances(&[caller.id()], u64::MAX)
            .await?;
        let others = known.into_iter().map(|(_, other)| other);
        let others: BTreeSet<UserId> = others.filter(|other| *other != caller.id()).collect();
        Ok(others.into_iter().collect())
    }

    /// People who can log in, by username. A guest sees those they share a room with.
    ///
    /// # Errors
    /// `Invalid` for a limit or cursor.
    pub async fn users(&self, caller: &Caller, request: ListUsers) -> Result<Users, ChatError> {
        let limit = check::limit(request.limit, 50, 200)?;
        let query = request.q.unwrap_or_default();
        text::bounded("q", &query, 0, 100).in_field("q")?;
        let after = request
            .cursor
            .as_deref()
            .map(check::parse_name_cursor)
            .transpose()?;
        let among = if caller.is_guest() {
            Some(self.acquaintances(caller).await?)
        } else {
            None
        };
        let filter = UserFilter {
            query,
            among,
            after,
            // One more than asked for tells whether there is a next page.
            limit: limit + 1,
        };
        let mut users = self.store.list_users(filter).await?;
        let last = check::cut(&mut users, limit);
        let next_cursor = last.map(|last| check::name_cursor(&last.username));
        Ok(Users { users, next_cursor })
    }

    async fn find_me(&self, user: UserId) -> Result<Me, ChatError> {
        self.store
            .find_me(user)
            .await?
            .ok_or(ChatError::Unauthorized("this account is gone"))
    }

    fn fresh_session(&self, origin: &Origin) -> (Token, NewSession) {
        let token = Token::random();
        let now = self.clock.now();
        let session = NewSession {
            id: SessionId(Uuid::now_v7()),
            token: token.hash(),
            user_agent: origin
                .user_agent
                .chars()
                .filter(|c| !c.is_control())
                .take(USER_AGENT_CHARACTERS)
                .collect(),
            created_at: now,
            expires_at: now.plus(self.policy.session_lifetime),
        };
        (token, session)
    }
}

fn checked_avatar(url: String) -> Result<String, Refused> {
    text::visible("the avatar's address", &url, 1, 500)?;
    if url.starts_with("https://") || (url.starts_with('/') && !url.starts_with("//")) {
        Ok(url)
    } else {
        Err(Refused::new(
            "the avatar's address must begin with https:// or be a path on this server",
        ))
    }
}
