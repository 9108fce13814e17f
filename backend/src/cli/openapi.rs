//! `roost openapi`: the contract as a document.

use super::{Failure, print};
use crate::api::openapi;

pub(super) fn run() -> Result<(), Failure> {
    let mut document = openapi().to_pretty_json()?;
    document.push('\n');
    print(&document)
}
