//! Waiting for something that has to happen.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// How long anything may take that has no reason to take long. Generous, since a build may keep the machine busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How often to look.
const INTERVAL: Duration = Duration::from_millis(50);

/// Looks again and again until `look` finds what it looks for.
///
/// # Panics
/// When [`PATIENCE`] ends first. The message tells what was awaited and what `look` saw last instead.
pub async fn until<T>(awaited: impl Display, look: impl AsyncFnMut() -> Result<T, String>) -> T {
    until_within(PATIENCE, awaited, look).await
}

/// [`until`], with another end.
///
/// # Panics
/// When `patience` ends first.
pub async fn until_within<T>(
    patience: Duration,
    awaited: impl Display,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let begin = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) => assert!(
                begin.elapsed() < patience,
                "waited {:.1} s in vain for {awaited}; last seen: {seen}",
                begin.elapsed().as_secs_f64()
            ),
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_when_what_was_awaited_is_there() {
        let mut looks = 0;
        let found = until("the third look", async || {
            looks += 1;
            if looks == 3 { Ok(looks) } else { Err(format!("look {looks}")) }
        });
        assert_eq!(found.await, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "in vain for a miracle; last seen: nothing")]
    async fn waiting_in_vain_says_what_was_awaited_and_what_was_seen() {
        let patience = Duration::from_millis(1);
        until_within(patience, "a miracle", async || Err::<(), _>("nothing".to_owned())).await;
    }
}
