//! Proofs of who somebody is: passwords and tokens.
//!
//! This is the arithmetic alone. Who may log in, and what a login is worth, is decided in
//! `services`; accounts and sessions are remembered by the store.

mod password;
mod token;

pub use password::{Busy, Password, Passwords};
pub use token::Token;
