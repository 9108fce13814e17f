//! `roost config`: what this server would run with.

use super::{Choices, Failure, print};
use crate::config::{as_markdown, as_toml};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Print the reference page of every setting and its default instead.
    #[arg(long)]
    markdown: bool,
    #[command(flatten)]
    choices: Choices,
}

pub(super) fn run(options: Options) -> Result<(), Failure> {
    if options.markdown {
        return print(&as_markdown());
    }
    print(&as_toml(&options.choices.load()?))
}
