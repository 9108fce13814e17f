//! Users and what they are called.

use super::{Refused, Timestamp, UserId, text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What a user may do on this server. The first account is the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Owner,
    Admin,
    Member,
    Guest,
}

impl Role {
    /// The word that is stored and travels.
    pub fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Guest => "guest",
        }
    }

    /// Runs the server.
    pub fn operates(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }

    /// May do something to an account of this role, or give it: owners to all, admins to members and
    /// guests.
    pub fn governs(self, other: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => matches!(other, Self::Member | Self::Guest),
            Self::Member | Self::Guest => false,
        }
    }

    /// The role with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Member, Self::Guest]
            .into_iter()
            .find(|role| role.word() == word)
    }
}

/// Somebody, as others see them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    pub is_bot: bool,
    pub role: Role,
    pub created_at: Timestamp,
    /// As others may know it: nothing when they hide it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
    /// Whether others may know when they were last here, however it is known.
    #[serde(skip)]
    pub last_seen_visible: bool,
    /// Cannot log in, so that nobody need be offered to call or add them. Absent if they can.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub deactivated: bool,
}

/// Somebody, as they see themselves.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    #[serde(flatten)]
    pub user: User,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether others are told when they were last here.
    pub last_seen_visible: bool,
    /// Kept for the client, at most 16 KiB of JSON.
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
}

/// What logging in needs to know.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: User,
    /// PHC string of the Argon2id hash.
    pub password_hash: String,
    /// Since when they cannot log in, if they cannot.
    pub deactivated_at: Option<Timestamp>,
}

/// An account about to be made. The store decides whether it is the owner's.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub id: UserId,
    pub username: Username,
    pub display_name: DisplayName,
    pub email: Option<Email>,
    pub password_hash: String,
    pub created_at: Timestamp,
}

/// What somebody changes about themselves; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    pub display_name: Option<DisplayName>,
    /// `Some(None)` takes the address away.
    pub email: Option<Option<Email>>,
    pub avatar_url: Option<Option<String>>,
    pub last_seen_visible: Option<bool>,
    pub settings: Option<Map<String, Value>>,
}

/// 2 to 32 of `a-z 0-9 _ . -`, folded to lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// # Errors
    /// When the name is too short, too long or has other characters.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let folded = text.to_lowercase();
        text::bounded("the username", &folded, 2, 32)?;
        let fits =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-');
        if !folded.chars().all(fits) {
            return Err(Refused::new(
                "the username may have letters a-z, digits, and _ . - only",
            ));
        }
        Ok(Self(folded))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 1 to 80 visible characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// # Errors
    /// When nothing is left after trimming, or it is too long.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let trimmed = text.trim();
        text::visible("the display name", trimmed, 1, 80)?;
        Ok(Self(trimmed.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An address, folded to lower case. Only its shape is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// # Errors
    /// When it has no `@` between two parts, or is longer than 254 characters.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let folded = text.trim().to_lowercase();
        text::visible("the e-mail address", &folded, 3, 254)?;
        match folded.rsplit_once('@') {
            Some((name, host))
                if !name.is_empty()
                    && !host.is_empty()
                    && !folded.contains(char::is_whitespace) =>
            {
                Ok(Self(folded))
            }
            _ => Err(Refused::new(
                "the e-mail address must look like name@example.org",
            )),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_folded_before_it_is_checked() {
        assert_eq!(
            Username::parse("Ana.Ruiz-9_").unwrap().as_str(),
            "ana.ruiz-9_"
        );
        for refused in ["a", "", "ana ruiz", "añä", "a@b", "a\0b", &"x".repeat(33)] {
            assert!(Username::parse(refused).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn a_display_name_cannot_turn_the_text_around_it() {
        assert!(DisplayName::parse(" Ana Ruiz ").unwrap().as_str() == "Ana Ruiz");
        for refused in ["", "  ", "a\u{202e}b", "a\nb", &"x".repeat(81)] {
            assert!(DisplayName::parse(refused).is_err(), "{refused:?}");
        }
    }
}
