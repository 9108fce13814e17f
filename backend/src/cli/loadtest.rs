//! `roost loadtest`: a load on a running server, and whether it kept its promises.

use super::Failure;
use loadtest::cli::{LoadArgs, execute};
use tokio::runtime::Runtime;

pub(super) fn run(args: LoadArgs) -> Result<(), Failure> {
    if Runtime::new()?.block_on(execute(args))? {
        Ok(())
    } else {
        Err(Failure(
            "the run ended, but not every promise held; the report says which".to_owned(),
        ))
    }
}
