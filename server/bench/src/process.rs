//! The servers that are measured, as processes, and what they use.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// How many ticks of `/proc/PID/stat` a second has; so it is on every Linux of the last decades.
const TICKS: u64 = 100;

/// A server on a free port. It ends when it is dropped.
pub struct Process {
    child: Child,
    address: String,
    /// Held open, so that it can go on printing.
    _output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts `command` and waits until it prints an address.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or_else(|| io::Error::other("there is no output"))?;
        let mut output = BufReader::new(output);
        let mut said = Vec::new();
        loop {
            let mut line = String::new();
            if output.read_line(&mut line)? == 0 {
                let status = child.wait()?;
                return Err(io::Error::other(format!("the server did not start ({status}): {}", said.join(" "))));
            }
            if let Some((_, address)) = line.trim().rsplit_once(" at http://") {
                let address = address.trim_end_matches('/').to_owned();
                return Ok(Self { child, address, _output: output });
            }
            said.push(line.trim().to_owned());
        }
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The processor time that it has used.
    pub fn cpu(&self) -> Duration {
        cpu(&self.child.id().to_string())
    }

    /// The memory that it holds now, in KB.
    pub fn memory_kb(&self) -> u64 {
        self.status("VmRSS:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The processor time that this program itself has used.
pub fn own_cpu() -> Duration {
    cpu("self")
}

fn cpu(process: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in parentheses may hold anything.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1_000 / TICKS)
}
