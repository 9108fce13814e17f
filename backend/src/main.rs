//! The `roost` program. Everything it does begins in `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    roost::cli::run()
}
