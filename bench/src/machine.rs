//! Cores and limits.

use anyhow::Result;

/// The core of the servers and that of the load generator.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    /// Where servers run.
    pub server: usize,
    /// Where the load generator runs.
    pub load: usize,
}

/// Picks two cores. `None` where there are not two, or processes cannot be pinned.
#[cfg(target_os = "linux")]
pub fn two_cores() -> Option<Cores> {
    use rustix::thread::{CpuSet, sched_getaffinity};

    let allowed = sched_getaffinity(None).ok()?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core));
    Some(Cores {
        server: cores.next()?,
        load: cores.next()?,
    })
}

/// Picks two cores. `None` where there are not two, or processes cannot be pinned.
#[cfg(not(target_os = "linux"))]
pub fn two_cores() -> Option<Cores> {
    None
}

/// Keeps this thread, and those it will start, on a core.
#[cfg(target_os = "linux")]
pub fn pin(core: usize) -> Result<()> {
    use anyhow::Context;
    use rustix::thread::{CpuSet, sched_setaffinity};

    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).with_context(|| format!("cannot pin to core {core}"))
}

/// Keeps this thread, and those it will start, on a core.
#[cfg(not(target_os = "linux"))]
pub fn pin(_core: usize) -> Result<()> {
    anyhow::bail!("cannot pin on this system")
}

/// Raises the limit of open files as far as it goes, and says how far that is. Children inherit it.
#[cfg(unix)]
pub fn raise_open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    current.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    })
}

/// Raises the limit of open files as far as it goes, and says how far that is. Children inherit it.
#[cfg(not(unix))]
pub fn raise_open_files() -> usize {
    1_000
}
