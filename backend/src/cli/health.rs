//! `roost health`: asks a running server whether people should be sent to it. For containers and
//! scripts, which then need no other program for that.

use super::{Failure, print};
use clap::Args;
use loadtest::client::{ClientError, Rest};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// A server that takes longer is of no use to anybody who asks.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Where the server is.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    url: String,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let asking = async {
        let server = Rest::new(&options.url)?;
        server.get("/health/ready").await
    };
    let answer = Runtime::new()?.block_on(async {
        timeout(PATIENCE, asking)
            .await
            .unwrap_or_else(|_| Err(ClientError::TimedOut("the answer".to_owned())))
    })?;
    print(&format!("{}\n", answer.json))?;
    if answer.status == 200 {
        Ok(())
    } else {
        Err(Failure(
            "people should not be sent to this server".to_owned(),
        ))
    }
}
