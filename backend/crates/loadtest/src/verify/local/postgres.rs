//! A PostgreSQL of our own, which flushes as in production and can crash.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use rustix::process::{Signal, geteuid};
use tokio::{
    process::Command,
    sync::Mutex,
    time::{sleep, timeout},
};
use uuid::Uuid;

use super::{
    Broken, free_port,
    process::{Guardian, Process},
};

/// How long it may take until it takes connections, after a crash too.
const STARTING: Duration = Duration::from_mins(2);
/// How long it may take to end at once.
const ENDING: Duration = Duration::from_secs(30);
const ASK_EVERY: Duration = Duration::from_millis(20);
/// Somebody else may take a port between choosing and binding it.
const PORTS: usize = 10;
/// Who may own a database when root starts it: PostgreSQL refuses to be root's.
const OWNERS: [&str; 2] = ["postgres", "nobody"];

/// A user of this machine.
#[derive(Clone, Copy, Debug)]
struct Owner {
    uid: u32,
    gid: u32,
}

#[derive(Debug)]
pub(super) struct Postgres {
    port: u16,
    password: String,
    programs: PathBuf,
    folder: PathBuf,
    owner: Option<Owner>,
    guardian: Arc<Guardian>,
    process: Mutex<Option<Process>>,
}

impl Postgres {
    /// `programs` is the folder of `initdb` and `postgres`, if they are not where they usually are.
    pub(super) async fn start(
        folder: PathBuf,
        programs: Option<&Path>,
        guardian: &Arc<Guardian>,
    ) -> Result<Self, Broken> {
        let programs = find_programs(programs).ok_or(Broken::NotInstalled("PostgreSQL"))?;
        let owner = if geteuid().is_root() {
            Some(find_owner()?)
        } else {
            None
        };
        fs::create_dir(&folder)?;
        if let Some(Owner { uid, gid }) = owner {
            chown(&folder, Some(uid), Some(gid))?;
        }
        let mut postgres = Self {
            port: 0,
            password: Uuid::new_v4().simple().to_string(),
            programs,
            folder,
            owner,
            guardian: Arc::clone(guardian),
            process: Mutex::new(None),
        };
        postgres.make_cluster().await?;
        for _ in 0..PORTS {
            postgres.port = free_port()?;
            if postgres.run().await? {
                return Ok(postgres);
            }
        }
        Err(postgres.did_not_start())
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The URL by which it is reached through a line at this port.
    pub(super) fn url(&self, port: u16) -> String {
        format!(
            "postgres://postgres:{}@127.0.0.1:{port}/postgres",
            self.password
        )
    }

    /// Ends it as a crash would: what is not flushed is gone, connections break.
    pub(super) async fn crash(&self) {
        if let Some(process) = self.process.lock().await.take() {
            process.end(Signal::QUIT, ENDING).await;
        }
    }

    /// Starts it if it does not run, at the same address; it recovers first.
    pub(super) async fn start_again(&self) -> Result<(), Broken> {
        if self.run().await? {
            Ok(())
        } else {
            Err(self.did_not_start())
        }
    }

    fn did_not_start(&self) -> Broken {
        Broken::did_not_start("PostgreSQL", &self.folder.join("log"))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    async fn make_cluster(&self) -> Result<(), Broken> {
        let password = self.folder.join("password");
        fs::write(&password, format!("{}\n", self.password))?;
        if let Some(Owner { uid, gid }) = self.owner {
            chown(&password, Some(uid), Some(gid))?;
        }
        let mut pwfile = OsString::from("--pwfile=");
        pwfile.push(&password);
        let made = self
            .command("initdb")
            .arg("--pgdata")
            .arg(self.data())
            .args(["--username=postgres", "--auth=password", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", "--no-instructions"])
            .arg(pwfile)
            .stdout(Stdio::null())
            .stderr(self.log()?)
            .status()
            .await?;
        if made.success() {
            Ok(())
        } else {
            Err(self.did_not_start())
        }
    }

    /// Whether it takes connections in the end.
    async fn run(&self) -> Result<bool, Broken> {
        let mut running = self.process.lock().await;
        if running.is_some() {
            return Ok(true);
        }
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string(), "-h", "127.0.0.1", "-k"])
            .arg(&self.folder)
            .args(["-c", "max_connections=200", "-c", "shared_buffers=64MB"])
            .stdout(Stdio::null())
            .stderr(self.log()?);
        let mut process = Process::start(&mut command, &self.guardian)?;
        let starting = timeout(STARTING, async {
            while !process.has_ended() {
                if self.is_ready(process.id()) {
                    return true;
                }
                sleep(ASK_EVERY).await;
            }
            false
        });
        let ready = starting.await.unwrap_or(false);
        if ready {
            *running = Some(process);
        } else {
            process.end(Signal::QUIT, ENDING).await;
        }
        Ok(ready)
    }

    /// What the server says of itself in the file that holds its lock: the process in the first
    /// line, how far it has come in the eighth.
    fn is_ready(&self, id: u32) -> bool {
        let said = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let mut lines = said.lines();
        lines.next() == Some(id.to_string().as_str())
            && lines.nth(6).map(str::trim_end) == Some("ready")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder).stdin(Stdio::null());
        if let Some(Owner { uid, gid }) = self.owner {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn log(&self) -> io::Result<fs::File> {
        fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"))
    }
}

/// The folder with the newest PostgreSQL.
fn find_programs(given: Option<&Path>) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = match given {
        Some(folder) => vec![folder.to_owned()],
        None => ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt"]
            .iter()
            .flat_map(|parent| fs::read_dir(parent).into_iter().flatten().flatten())
            .map(|entry| entry.path().join("bin"))
            .collect(),
    };
    let version = |folder: &PathBuf| {
        let name = folder.parent()?.file_name()?.to_str()?;
        name.trim_start_matches(|c: char| !c.is_ascii_digit())
            .parse::<u32>()
            .ok()
    };
    folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    if given.is_none() {
        folders.extend(["/usr/local/bin", "/usr/bin"].map(PathBuf::from));
    }
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn find_owner() -> Result<Owner, Broken> {
    let users = fs::read_to_string("/etc/passwd")?;
    let find = |name: &&str| {
        let line = users
            .lines()
            .find(|line| line.split(':').next() == Some(*name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse::<u32>);
        Some(Owner {
            uid: numbers.next()?.ok()?,
            gid: numbers.next()?.ok()?,
        })
    };
    OWNERS
        .iter()
        .find_map(find)
        .ok_or(Broken::NobodyToOwnPostgres)
}
