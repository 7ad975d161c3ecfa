//! What a process and those that it started have used, as the system tells. Nothing where there is
//! no `/proc`.

use std::fs;
use std::time::Duration;

/// A process with all that it started, and so on.
#[derive(Clone, Debug)]
pub struct Family(Vec<u32>);

impl Family {
    /// Those who live now.
    pub fn of(process: u32) -> Self {
        let all: Vec<_> = processes().collect();
        let mut family = vec![process];
        let mut next = 0;
        while let Some(&parent) = family.get(next) {
            let children = all.iter().filter(|(_, its_parent)| *its_parent == parent);
            family.extend(children.map(|(child, _)| *child));
            next += 1;
        }
        Self(family)
    }

    /// CPU time in user space and in the kernel.
    pub fn cpu_time(&self) -> Option<Duration> {
        let times = self.0.iter();
        times.map(|process| cpu_time(&process.to_string())).sum()
    }

    /// Memory that is resident, in KiB.
    pub fn rss(&self) -> Option<u64> {
        let each = self.0.iter();
        each.map(|process| status(*process, "VmRSS:")).sum()
    }

    /// The most memory that was resident, in KiB, added up as if all had needed it at once.
    pub fn peak_rss(&self) -> Option<u64> {
        let each = self.0.iter();
        each.map(|process| status(*process, "VmHWM:")).sum()
    }
}

/// CPU time this process has used.
pub fn own_cpu_time() -> Option<Duration> {
    cpu_time("self")
}

/// All processes that can be seen, each with its parent.
fn processes() -> impl Iterator<Item = (u32, u32)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let name = entry.file_name();
        let name = name.to_str()?;
        let parent = u32::try_from(stat(name)?.parent).ok()?;
        Some((name.parse().ok()?, parent))
    })
}

#[cfg(target_os = "linux")]
fn cpu_time(process: &str) -> Option<Duration> {
    let ticks_per_second = rustix::param::clock_ticks_per_second().max(1);
    Some(Duration::from_secs(stat(process)?.ticks).div_f64(ticks_per_second as f64))
}

#[cfg(not(target_os = "linux"))]
fn cpu_time(_process: &str) -> Option<Duration> {
    None
}

/// What is looked at in `/proc/<pid>/stat`.
struct Stat {
    parent: u64,
    /// In user space and in the kernel.
    ticks: u64,
}

fn stat(process: &str) -> Option<Stat> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything; these are the 2nd, 12th and 13th field after it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(1);
    let parent = fields.next()?.parse().ok()?;
    let mut times = fields.skip(9);
    let user: u64 = times.next()?.parse().ok()?;
    let system: u64 = times.next()?.parse().ok()?;
    Some(Stat {
        parent,
        ticks: user + system,
    })
}

/// A line of `/proc/<pid>/status` that gives KiB.
fn status(process: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
