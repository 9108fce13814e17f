//! The processes of a cluster of our own, and a guardian that ends them however this one ends.

use std::{
    io,
    path::Path,
    process::{Child as StdChild, ChildStdin, Command as StdCommand, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

/// How long a process may take to end after it was told to in a way it cannot refuse.
const ENDING: Duration = Duration::from_secs(30);

/// Reads `+ ID` and `- ID`, and when its input ends, ends what is left and removes the folder.
/// SIGQUIT first: PostgreSQL then takes its children and its shared memory with it.
const GUARD: &str = r#"
left=
while read -r what id; do
    case $what in
    +) left="$left $id" ;;
    -) kept=; for other in $left; do [ "$other" = "$id" ] || kept="$kept $other"; done; left=$kept ;;
    esac
done
if [ -n "$left" ]; then
    kill -QUIT $left 2>/dev/null
    kill -CONT $left 2>/dev/null
    sleep 2
    kill -KILL $left 2>/dev/null
fi
# Somebody may still be writing.
for try in 1 2 3 4 5; do
    rm -rf "$1" && break
    sleep 1
done
"#;

/// A shell that outlives us by a moment. It knows the processes that run and the folder they
/// live in.
#[derive(Debug)]
pub(super) struct Guardian {
    shell: Mutex<Option<(StdChild, ChildStdin)>>,
}

impl Guardian {
    pub(super) fn over(folder: &Path) -> io::Result<Arc<Self>> {
        use std::os::unix::process::CommandExt;
        let mut shell = StdCommand::new("sh")
            .args(["-c", GUARD, "sh"])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C is for us; we end it.
            .process_group(0)
            .spawn()?;
        let stdin = shell.stdin.take().expect("it was piped");
        Ok(Arc::new(Self {
            shell: Mutex::new(Some((shell, stdin))),
        }))
    }

    /// Ends what is left and removes the folder; returns when that is done.
    pub(super) fn dismiss(&self) {
        let shell = self
            .shell
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some((mut shell, stdin)) = shell {
            drop(stdin);
            // It ends by itself within seconds; how, says nothing.
            let _ = shell.wait();
        }
    }

    fn tell(&self, word: char, id: u32) {
        use std::io::Write;
        let mut shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, stdin)) = shell.as_mut() {
            // Without it, processes are still ended by whoever holds them.
            let _ = writeln!(stdin, "{word} {id}");
        }
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.dismiss();
    }
}

/// A process of ours. Killed when dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    id: u32,
    guardian: Arc<Guardian>,
}

impl Process {
    pub(super) fn start(command: &mut Command, guardian: &Arc<Guardian>) -> io::Result<Self> {
        let child = command.process_group(0).kill_on_drop(true).spawn()?;
        let id = child
            .id()
            .ok_or_else(|| io::Error::other("it ended at once"))?;
        guardian.tell('+', id);
        Ok(Self {
            child,
            id,
            guardian: Arc::clone(guardian),
        })
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    pub(super) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        // Until it is waited for, the number is its own, even when it has ended.
        if let (Some(_running), Some(pid)) = (self.child.id(), pid) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Sends a signal that is to end it, and waits for that; kills it when it takes too long.
    pub(super) async fn end(mut self, signal: Signal, patience: Duration) -> Option<ExitStatus> {
        self.signal(signal);
        let mut status = timeout(patience, self.child.wait()).await;
        if status.is_err() {
            self.signal(Signal::KILL);
            status = timeout(ENDING, self.child.wait()).await;
        }
        status.ok().and_then(Result::ok)
    }

    /// Kills it and waits until it is gone.
    pub(super) async fn kill(self) {
        self.end(Signal::KILL, ENDING).await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.guardian.tell('-', self.id);
        // A child that has not been waited for is killed by the runtime.
    }
}
