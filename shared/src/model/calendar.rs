//! Serial days, as Excel's 1900 system counts them, and their text, as ISO 8601 writes it.

use crate::finance::dates::{self, Date};

/// The serial day of `text`, as in `2025-09-27`, from 1900-01-01 to 9999-12-31.
#[must_use]
pub fn parse_date(text: &str) -> Option<i32> {
    dates::parse(text).ok().map(Date::serial)
}

/// The date of a serial day, as in `2025-09-27`; nothing outside 1900-01-01 to 9999-12-31.
#[must_use]
pub fn date_text(serial: i32) -> Option<String> {
    let date = Date::from_serial(f64::from(serial)).ok().filter(|_| serial > 0)?;
    Some(format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()))
}

/// The same day `months` later; the end of a month stays the end of a month.
pub(super) fn months_later(day: i32, months: i32) -> Option<i32> {
    let date = Date::from_serial(f64::from(day)).ok()?;
    let later = dates::edate(date, f64::from(months)).ok()?;
    Some(if date.is_end_of_month() { later.end_of_month() } else { later }.serial())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 9999-12-31.
    const LAST_DAY: i32 = 2_958_465;

    #[test]
    fn days_are_counted_as_excel_does() {
        for (date, serial) in [
            ("1900-01-01", 1),
            ("1900-02-28", 59),
            ("1900-02-29", 60),
            ("1900-03-01", 61),
            ("2000-02-29", 36_585),
            ("2025-09-27", 45_927),
            ("9999-12-31", 2_958_465),
        ] {
            assert_eq!(parse_date(date), Some(serial), "{date}");
            assert_eq!(date_text(serial).as_deref(), Some(date));
        }
    }

    #[test]
    fn a_day_is_read_back() {
        for day in (1..=LAST_DAY).step_by(13) {
            assert_eq!(parse_date(&date_text(day).unwrap()), Some(day));
        }
        assert_eq!((date_text(0), date_text(LAST_DAY + 1)), (None, None));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "2025",
            "2025-9-27",
            "2025-02-29",
            "2025-13-01",
            "2025-00-10",
            "1899-12-31",
            "+025-01-01",
            "2025-01-01x",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn months_later_the_end_of_a_month_is_the_end_of_a_month() {
        for (day, months, later) in [
            ("2025-09-27", 12, "2026-09-27"),
            ("2025-09-30", 3, "2025-12-31"),
            ("2024-01-31", 1, "2024-02-29"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2025-12-30", 2, "2026-02-28"),
            ("2025-03-15", -3, "2024-12-15"),
        ] {
            let later_day = parse_date(day).and_then(|day| months_later(day, months));
            assert_eq!(later_day.and_then(date_text).as_deref(), Some(later), "{day}");
        }
        assert_eq!(months_later(LAST_DAY, 1), None);
    }
}
