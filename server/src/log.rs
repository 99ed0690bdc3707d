//! The log: one line an event, on standard error.

use std::io::{self, IsTerminal, Write};

use tracing_subscriber::EnvFilter;

/// How an event is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// As people read it.
    #[default]
    Text,
    /// A JSON object.
    Json,
}

/// Logs what passes `filter`, and defects too, from now on. Returns `None` when the filter can't be read.
pub(crate) fn start(filter: &str, format: LogFormat) -> Option<()> {
    let filter = EnvFilter::try_new(filter).ok()?;
    let colours = io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| OneLine(io::stderr()));
    // Somebody else's log may be set up already, in tests.
    let _ = match format {
        LogFormat::Text => log.with_ansi(colours).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).try_init(),
    };
    std::panic::set_hook(Box::new(|defect| tracing::error!("{defect}")));
    Some(())
}

/// Writes each event as one line, whatever is in it: databases explain themselves in several, and nothing that somebody
/// named may pass for an event of its own.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    /// Takes one whole event, which ends with a line break.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = event.strip_suffix(b"\n").unwrap_or(event);
        let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'\t' | 0x0b | 0x0c);
        let mut line = Vec::with_capacity(event.len());
        for part in text.split(is_break).filter(|part| !part.is_empty()) {
            if !line.is_empty() {
                line.push(b' ');
            }
            line.extend_from_slice(part);
        }
        line.push(b'\n');
        self.0.write_all(&line)?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_target(false)
            .with_writer(move || OneLine(writer.clone()))
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(error = %"refused\n\tIs it running?\n", "no\r\nERROR forged");
            tracing::error!("next");
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.trim_start(), "ERROR no ERROR forged error=refused Is it running?\nERROR next\n");
    }
}
