//! How long ago something was, in words.

use std::time::Duration;

use crate::words;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long before `now` the moment `then_ms` was. Both count from 1970 UTC.
pub(crate) fn in_words(then_ms: i64, now: Duration) -> String {
    let then = Duration::from_millis(u64::try_from(then_ms).unwrap_or(0));
    // Clocks of two machines differ: what seems to lie ahead has just happened.
    let seconds = now.saturating_sub(then).as_secs();
    match (seconds / DAY, seconds / HOUR, seconds / MINUTE) {
        (0, 0, 0) => words!(list.just_now).to_owned(),
        (0, 0, 1) => words!(list.minute_ago).to_owned(),
        (0, 0, count) => words!(list.minutes_ago, count = count),
        (0, 1, _) => words!(list.hour_ago).to_owned(),
        (0, count, _) => words!(list.hours_ago, count = count),
        (1, ..) => words!(list.day_ago).to_owned(),
        (count, ..) => words!(list.days_ago, count = count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn age(seconds: u64) -> String {
        in_words(1_000_000, Duration::from_secs(1_000 + seconds))
    }

    #[test]
    fn an_age_is_given_in_its_largest_unit() {
        assert_eq!(age(0), "just now");
        assert_eq!(age(59), "just now");
        assert_eq!(age(60), "1 minute ago");
        assert_eq!(age(3 * HOUR + 5), "3 hours ago");
        assert_eq!(age(40 * DAY), "40 days ago");
    }

    #[test]
    fn a_clock_that_is_ahead_does_not_count_backwards() {
        assert_eq!(in_words(i64::MAX, Duration::from_secs(5)), "just now");
        assert_eq!(in_words(-5, Duration::from_secs(5)), "just now");
    }
}
