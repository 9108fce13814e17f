//! Sees to it that the program is built again when what is compiled into it has changed: the
//! migrations, and in a release the web client.

use std::{env, fs};

const CLIENT: &str = "../frontend/dist";

fn main() {
    // Migrations are compiled in by macros that do not see a new file by themselves.
    println!("cargo::rerun-if-changed=migrations");
    #[expect(
        clippy::disallowed_methods,
        reason = "this is how cargo speaks to a build script"
    )]
    let profile = env::var("PROFILE");
    // Cargo runs this script at every build while a path it watches is missing; and a build that reads
    // the client from the disk finds its folder once, when it is compiled.
    fs::create_dir_all(CLIENT).expect("frontend/ can be written to");
    if profile.as_deref() == Ok("release") {
        println!("cargo::rerun-if-changed={CLIENT}");
    } else {
        println!("cargo::rerun-if-changed=build.rs");
    }
}
