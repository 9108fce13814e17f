//! What stores messages.

use std::fmt;
use std::path::{Path, PathBuf};

use super::postgres::Postgres;
use crate::failure::Result;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeper {
    Postgres,
    Sqlite,
}

impl fmt::Display for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Keeper::Postgres => "PostgreSQL",
            Keeper::Sqlite => "SQLite",
        })
    }
}

/// What a server has for itself, gone with it.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) directory: PathBuf,
    pub(crate) postgres: Option<Postgres>,
}

impl Kept {
    /// An empty directory.
    pub(crate) fn in_directory(directory: &Path) -> Result<Kept> {
        // What is not there needs no removing.
        let _ = std::fs::remove_dir_all(directory);
        std::fs::create_dir_all(directory)?;
        Ok(Kept {
            directory: directory.to_owned(),
            postgres: None,
        })
    }

    /// An empty directory, and an empty database.
    pub(crate) fn with_postgres(directory: &Path) -> Result<Kept> {
        let mut kept = Kept::in_directory(directory)?;
        kept.postgres = Some(Postgres::start()?);
        Ok(kept)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // What cannot be removed is overwritten the next time.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
