//! Days as Excel's 1900 system counts them, with its 29 February 1900, and as ISO 8601 writes them.

/// The serial day of `text`, as in `2025-09-27`, from 1900-01-01 to 9999-12-31.
#[must_use]
pub fn parse_date(text: &str) -> Option<i32> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let is_plain = [(year, 4), (month, 2), (day, 2)]
        .iter()
        .all(|(part, length)| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_plain {
        return None;
    }
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let serial = serial(year, month, day);
    (year >= 1900 && civil(serial) == (year, month, day)).then_some(serial)
}

/// The date of a serial day, as in `2025-09-27`; nothing outside 1900-01-01 to 9999-12-31.
#[must_use]
pub fn date_text(serial: i32) -> Option<String> {
    if !(1..=LAST_SERIAL).contains(&serial) {
        return None;
    }
    let (year, month, day) = civil(serial);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// The same day `months` later; the end of a month stays the end of a month.
pub(super) fn months_later(day: i32, months: i32) -> Option<i32> {
    let (year, month, day) = civil(day);
    let later = year.checked_mul(12)?.checked_add(month - 1)?.checked_add(months)?;
    let (later_year, later_month) = (later.div_euclid(12), later.rem_euclid(12) + 1);
    let last = days_in(later_year, later_month);
    let day = if day >= days_in(year, month) { last } else { day.min(last) };
    let later = serial(later_year, later_month, day);
    (1..=LAST_SERIAL).contains(&later).then_some(later)
}

/// 9999-12-31.
const LAST_SERIAL: i32 = 2_958_465;

/// From the beginning of March of year 0 to 1899-12-31, which is day zero.
const DAYS_BEFORE: i32 = 693_901;

/// The day that Excel counts although 1900 was no leap year.
const EXTRA_DAY: i32 = 60;

fn serial(year: i32, month: i32, day: i32) -> i32 {
    if (year, month, day) == (1900, 2, 29) {
        return EXTRA_DAY;
    }
    // Years begin in March, so that the leap day is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day;
    let serial = days - DAYS_BEFORE;
    if serial >= EXTRA_DAY { serial + 1 } else { serial }
}

fn civil(serial: i32) -> (i32, i32, i32) {
    if serial == EXTRA_DAY {
        return (1900, 2, 29);
    }
    let days = serial - i32::from(serial > EXTRA_DAY) + DAYS_BEFORE;
    let era = (days - 1).div_euclid(146_097);
    let of_era = (days - 1).rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i32::from(month <= 2), month, day)
}

fn days_in(year: i32, month: i32) -> i32 {
    match month {
        // As in the calendar, not as Excel has 1900.
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for day in (1..=LAST_SERIAL).step_by(13) {
            assert_eq!(parse_date(&date_text(day).unwrap()), Some(day));
        }
        assert_eq!((date_text(0), date_text(LAST_SERIAL + 1)), (None, None));
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
        assert_eq!(months_later(LAST_SERIAL, 1), None);
    }
}
