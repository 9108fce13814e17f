//! The servers that are compared.

mod keeper;
mod people;
mod postgres;
mod programs;
mod running;

use std::collections::BTreeMap;
use std::process::Command;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::client::Seat;
use crate::crowd::Town;
use crate::failure::{Failure, Result};
use crate::layout::Layout;
use crate::pin::Processors;

pub(crate) use keeper::{Keeper, Kept};
pub(crate) use people::People;
pub(crate) use programs::{Programs, root};
pub(crate) use running::Running;

/// Who is measured. The order is the one in which they take turns.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Subject {
    /// The least a server can do; knows no users.
    Floor,
    /// The crate `realtime` alone, its logs in memory.
    Engine,
    /// Roost: accounts, memberships, a database, which is SQLite.
    Product,
    /// The same on PostgreSQL.
    ProductPostgres,
    /// What one would write with Node.js and its `socket.io`.
    Node,
}

impl Subject {
    /// Whether it can store in this.
    pub(crate) fn keeps_in(self, keeper: Keeper) -> bool {
        match self {
            Subject::Floor | Subject::Product => true,
            // The product says what it does in both.
            Subject::Engine | Subject::ProductPostgres => false,
            Subject::Node => keeper == Keeper::Postgres,
        }
    }

    /// Where it has its people, if it needs any.
    pub(crate) fn keeper_of_people(self) -> Option<Keeper> {
        match self {
            Subject::Product => Some(Keeper::Sqlite),
            Subject::ProductPostgres => Some(Keeper::Postgres),
            Subject::Floor | Subject::Engine | Subject::Node => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Subject::Floor => "floor",
            Subject::Engine => "engine",
            Subject::Product => "product",
            Subject::ProductPostgres => "product-postgres",
            Subject::Node => "node",
        }
    }
}

/// All that is needed to start any of them.
#[derive(Debug)]
pub(crate) struct Stable {
    pub(crate) programs: Programs,
    pub(crate) processors: Processors,
    pub(crate) people: BTreeMap<Keeper, People>,
    pub(crate) frame_bytes: usize,
}

impl Stable {
    /// Starts a server that has nothing to do yet, and says who goes where.
    pub(crate) fn start(&self, subject: Subject, layout: Layout) -> Result<(Running, Town)> {
        if let Some(keeper) = subject.keeper_of_people() {
            let people = self.people.get(&keeper);
            let people = people.ok_or_else(|| Failure::Unusable("nobody gathered".to_owned()))?;
            let (kept, town) = self.processors.on_both(|| people.copy(layout))?;
            let command = self.programs.roost(&kept);
            return Ok((self.run(command, Some(kept))?, town));
        }
        Ok((self.run(self.padded(subject), None)?, nameless(layout)))
    }

    /// Starts a server that stores what is said before it acknowledges it, in what is empty but
    /// for the people.
    pub(crate) fn start_durable(
        &self,
        subject: Subject,
        keeper: Keeper,
        layout: Layout,
    ) -> Result<(Running, Town)> {
        let directory = self.programs.scratch().join("durable");
        let kept = self.processors.on_both(|| Kept::of(keeper, &directory))?;
        if subject == Subject::Product {
            let command = self.programs.roost(&kept);
            let server = self.run(command, Some(kept))?;
            let town = people::settle(server.address, layout)?;
            return Ok((server, town));
        }
        let mut command = self.padded(subject);
        match kept.url() {
            Some(url) => command.arg("--postgres").arg(url),
            None => command.arg("--sqlite").arg(directory.join("messages.db")),
        };
        Ok((self.run(command, Some(kept))?, nameless(layout)))
    }

    fn run(&self, command: Command, kept: Option<Kept>) -> Result<Running> {
        self.processors
            .on_the_servers(|| Running::start(command, kept))
    }

    /// One that pads its messages to the size of the product's.
    fn padded(&self, subject: Subject) -> Command {
        let programs = &self.programs;
        let mut command = match subject {
            Subject::Floor => Command::new(&programs.floor),
            Subject::Engine => Command::new(&programs.engine),
            Subject::Node => Programs::node(),
            Subject::Product | Subject::ProductPostgres => {
                unreachable!("its messages have the size the others are given")
            }
        };
        command.args(["--frame-bytes", &self.frame_bytes.to_string()]);
        command
    }
}

/// People without accounts, in rooms that are there when somebody comes.
pub(crate) fn nameless(layout: Layout) -> Town {
    let seats = layout
        .followed()
        .into_iter()
        .map(|rooms| Seat { token: None, rooms });
    let rooms = (1..=layout.rooms).map(|room| format!("00000000-0000-4000-8000-{room:012}"));
    Town {
        seats: seats.collect(),
        rooms: rooms.collect(),
    }
}
