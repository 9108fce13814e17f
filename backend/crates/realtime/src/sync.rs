//! What structures shared between threads are made of: of the standard library and tokio, and in
//! `models` of loom, which tries every order in which threads can meet.

#[cfg(feature = "models")]
pub(crate) use modelled::*;
#[cfg(not(feature = "models"))]
pub(crate) use real::*;

#[cfg(not(feature = "models"))]
mod real {
    use tokio::runtime::Handle;
    use tokio_util::task::TaskTracker;

    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, fence};
    pub(crate) use std::sync::{Mutex, MutexGuard};
    pub(crate) use tokio::sync::Notify;

    /// Tasks on the runtime they were made on.
    pub(crate) struct Tasks {
        tracker: TaskTracker,
        runtime: Handle,
    }

    impl Tasks {
        pub(crate) fn new() -> Tasks {
            Tasks {
                tracker: TaskTracker::new(),
                runtime: Handle::current(),
            }
        }

        /// Starts one, from any thread.
        pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
            self.tracker.spawn_on(task, &self.runtime);
        }

        /// Waits for all of them.
        pub(crate) async fn finished(&self) {
            self.tracker.close();
            self.tracker.wait().await;
        }
    }
}

#[cfg(feature = "models")]
mod modelled {
    use std::mem;

    use loom::thread::JoinHandle;

    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, fence};
    pub(crate) use loom::sync::{Mutex, MutexGuard};

    /// Tasks on a thread each.
    pub(crate) struct Tasks(Mutex<Vec<JoinHandle<()>>>);

    impl Tasks {
        pub(crate) fn new() -> Tasks {
            Tasks(Mutex::default())
        }

        pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
            let thread = loom::thread::spawn(|| loom::future::block_on(task));
            crate::lock(&self.0).push(thread);
        }

        pub(crate) fn finished(&self) -> impl Future<Output = ()> {
            loop {
                let threads = mem::take(&mut *crate::lock(&self.0));
                if threads.is_empty() {
                    return std::future::ready(());
                }
                for thread in threads {
                    thread.join().expect("no task panics");
                }
            }
        }
    }

    /// Tokio's, which orders what was done before notifying before what is done once notified.
    /// Loom does not see into it, so it is shown with a mutex.
    #[derive(Debug)]
    pub(crate) struct Notify {
        order: Mutex<()>,
        notify: tokio::sync::Notify,
    }

    impl Notify {
        pub(crate) fn new() -> Notify {
            Notify {
                order: Mutex::new(()),
                notify: tokio::sync::Notify::new(),
            }
        }

        pub(crate) fn notify_one(&self) {
            drop(crate::lock(&self.order));
            self.notify.notify_one();
        }

        pub(crate) fn notify_waiters(&self) {
            drop(crate::lock(&self.order));
            self.notify.notify_waiters();
        }

        pub(crate) fn notified(&self) -> impl Future<Output = ()> {
            let notified = self.notify.notified();
            drop(crate::lock(&self.order));
            async {
                notified.await;
                drop(crate::lock(&self.order));
            }
        }
    }
}
