//! Every target over its corpus, and over a bounded number of changes to it, the same each time:
//! a short fuzzing without a fuzzer, for every run of the tests.

use std::fs;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{TARGETS, Target};

/// Changed inputs for each target.
const CHANGED: usize = 20_000;
/// No input grows larger.
const LONGEST: usize = 4096;
/// What decoders look for.
const WORDS: [&[u8]; 14] = [
    b"\x1e",
    b"42[\"e\",1]",
    b"451-/custom,7[\"b\",{\"_placeholder\":true,\"num\":0}]",
    b"40{}",
    b"bAQID",
    b"\x81\x85\0\0\0\0hello",
    b"\xfe",
    b"\xff\0\0\0\0\0\x01\0\0",
    b"\xf0\x9f\x98\x80",
    b"[[[[",
    b"99999999999999999999",
    b"&EIO=4",
    b"transport=websocket",
    b"\n",
];

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(kind)
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|_| panic!("{}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let files = names(&folder("corpus").join(target.name));
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// An input of the corpus, changed in up to four places.
fn changed(corpus: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
    let mut data = corpus[random.random_range(0..corpus.len())].clone();
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=data.len());
        let end = random.random_range(at..=data.len().min(at + 16));
        match random.random_range(0..6) {
            0 => data.insert(at, random.random()),
            1 => drop(data.drain(at..end)),
            2 => drop(data.splice(at..end, WORDS[random.random_range(0..WORDS.len())].to_vec())),
            3 => {
                let other = &corpus[random.random_range(0..corpus.len())];
                let from = random.random_range(0..=other.len());
                data.splice(at..end, other[from..].to_vec());
            }
            4 => {
                let piece = data[at..end].repeat(random.random_range(1..20));
                data.splice(at..at, piece);
            }
            _ => {
                if let Some(byte) = data.get_mut(at) {
                    *byte ^= 1_u8 << random.random_range(0..8);
                }
            }
        }
    }
    data.truncate(LONGEST);
    data
}

/// Runs a target, and shows what broke it.
fn run(target: &Target, data: &[u8]) {
    struct Shown<'a>(&'a Target, &'a [u8]);
    impl Drop for Shown<'_> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("{} was broken by {}", self.0.name, self.1.escape_ascii());
            }
        }
    }
    let _shown = Shown(target, data);
    (target.run)(data);
}

fn keeps_its_promises(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let corpus = corpus(target);
    for data in &corpus {
        run(target, data);
    }
    let mut random = StdRng::seed_from_u64(1);
    for _ in 0..CHANGED {
        run(target, &changed(&corpus, &mut random));
    }
}

#[test]
fn whatever_is_compressed_is_restored_or_refused() {
    keeps_its_promises("compressed");
}

#[test]
fn whatever_a_client_says_is_handled_or_refused() {
    keeps_its_promises("conversation");
}

#[test]
fn whatever_body_is_posted_is_read_or_refused() {
    keeps_its_promises("payload");
}

#[test]
fn whatever_is_requested_is_understood_or_refused() {
    keeps_its_promises("request");
}

#[test]
fn whatever_packet_comes_is_read_or_refused() {
    keeps_its_promises("socket_io");
}

#[test]
fn whatever_frames_come_are_read_or_refused() {
    keeps_its_promises("websocket");
}

#[test]
fn every_target_has_a_program_and_a_corpus() {
    let stems = |kind| -> Vec<String> {
        let names = names(&folder(kind));
        let stems = names
            .iter()
            .map(|path| path.file_stem().unwrap().to_str().unwrap());
        stems.map(str::to_owned).collect()
    };
    let targets: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(stems("fuzz_targets"), targets);
    assert_eq!(stems("corpus"), targets);
    for target in TARGETS {
        assert!(!corpus(target).is_empty(), "{}", target.name);
    }
}
