//! See `realtime::fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| realtime::fuzzing::run("compressed", data));
