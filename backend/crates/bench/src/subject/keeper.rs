//! What stores messages.

use std::fmt;
use std::path::{Path, PathBuf};

use super::postgres::Postgres;
use crate::failure::Result;

/// A database that was packed.
const DUMP: &str = "postgres.sql";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// An empty directory, and what the keeper needs besides.
    pub(crate) fn of(keeper: Keeper, directory: &Path) -> Result<Kept> {
        match keeper {
            Keeper::Postgres => Kept::with_postgres(directory),
            Keeper::Sqlite => Kept::in_directory(directory),
        }
    }

    fn in_directory(directory: &Path) -> Result<Kept> {
        // What is not there needs no removing.
        let _ = std::fs::remove_dir_all(directory);
        std::fs::create_dir_all(directory)?;
        Ok(Kept {
            directory: directory.to_owned(),
            postgres: None,
        })
    }

    fn with_postgres(directory: &Path) -> Result<Kept> {
        let mut kept = Kept::in_directory(directory)?;
        kept.postgres = Some(Postgres::start()?);
        Ok(kept)
    }

    /// The database, where there is one beside the directory.
    pub(crate) fn url(&self) -> Option<&str> {
        let postgres = self.postgres.as_ref();
        postgres.map(|postgres| postgres.url.as_str())
    }

    /// Writes a database that is elsewhere into the directory, so that this is all there is.
    pub(crate) fn pack(&self) -> Result<()> {
        match &self.postgres {
            Some(postgres) => postgres.dump(&self.directory.join(DUMP)),
            None => Ok(()),
        }
    }

    /// Puts in the database what the directory has of one.
    pub(crate) fn unpack(&self) -> Result<()> {
        let dump = self.directory.join(DUMP);
        match &self.postgres {
            Some(postgres) if dump.exists() => postgres.load(&dump),
            _ => Ok(()),
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // What cannot be removed is overwritten the next time.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
