//! Days as Excel counts them: serial 1 is 1 January 1900, and 1900 has a 29 February.

use super::whole::whole;
use super::{FinanceError, FinanceErrorKind};

/// A day of the calendar. Later days are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i32,
    month: i32,
    day: i32,
}

/// 31 December 9999.
const LAST_SERIAL: i32 = 2_958_465;

impl Date {
    /// The day with that serial number, of which a fraction (the time of day) is cut.
    ///
    /// # Errors
    ///
    /// A number below 0 or after the year 9999.
    pub fn from_serial(serial: f64) -> Result<Self, FinanceError> {
        let serial = whole(serial.floor())
            .filter(|serial| (0..=LAST_SERIAL).contains(serial))
            .ok_or_else(|| FinanceError::domain("this is no date").with_hint("dates lie in the years 1900 to 9999"))?;
        Ok(match serial {
            0..=31 => Self { year: 1900, month: 1, day: serial },
            32..=60 => Self { year: 1900, month: 2, day: serial - 31 },
            _ => Self::from_days(serial + DAYS_TO_SERIAL_0),
        })
    }

    /// The day of a proleptic Gregorian calendar, counted from 1 March of the year 0.
    ///
    /// After H. Hinnant, *chrono-Compatible Low-Level Date Algorithms*: years begin in March, eras have 400 years.
    fn from_days(days: i32) -> Self {
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        Self { year, month, day }
    }

    fn days(self) -> i32 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = if self.month > 2 { self.month - 3 } else { self.month + 9 };
        let of_year = (153 * month_from_march + 2) / 5 + self.day - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year
    }

    /// The day of that year, month and day, of which the month and the day may lie outside and count on.
    ///
    /// Years below 1900 count from 1900, as in Excel.
    ///
    /// # Errors
    ///
    /// A day outside the years 1900 to 9999.
    pub fn from_parts(year: f64, month: f64, day: f64) -> Result<Self, FinanceError> {
        let parts = (whole(year.floor()), whole(month.floor()), whole(day.floor()));
        let (Some(year @ 0..=9999), Some(month @ -99_999..=99_999), Some(day @ -9_999_999..=9_999_999)) = parts else {
            return Err(outside());
        };
        let year = if year < 1900 { year + 1900 } else { year };
        let first = Self { year, month: 1, day: 1 }.shifted(month - 1);
        Self::from_serial(f64::from(first.serial() + day - 1)).map_err(|_| outside())
    }

    /// The serial number. Days before 1900 have negative ones.
    #[must_use]
    pub fn serial(self) -> i32 {
        match (self.year, self.month) {
            (1900, 1) => self.day,
            (1900, 2) => self.day + 31,
            (..1900, _) => self.days() - DAYS_TO_SERIAL_0 - 1,
            _ => self.days() - DAYS_TO_SERIAL_0,
        }
    }

    /// The serial number as a number.
    #[must_use]
    pub fn number(self) -> f64 {
        f64::from(self.serial())
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month, from 1 to 12.
    #[must_use]
    pub fn month(self) -> i32 {
        self.month
    }

    /// The day of the month, from 1; 0 for serial 0.
    #[must_use]
    pub fn day(self) -> i32 {
        self.day
    }

    /// How many days this day lies after `earlier`.
    #[must_use]
    pub fn days_after(self, earlier: Self) -> f64 {
        f64::from(self.serial()) - f64::from(earlier.serial())
    }

    /// The same day some months later, or the last of that month if it is shorter.
    #[must_use]
    pub fn shifted(self, months: i32) -> Self {
        let count = self.year * 12 + self.month - 1 + months;
        let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
        Self { year, month, day: self.day.min(days_in_month(year, month)) }
    }

    /// The last day of its month.
    #[must_use]
    pub fn end_of_month(self) -> Self {
        Self { day: days_in_month(self.year, self.month), ..self }
    }

    /// Whether it is the last day of its month.
    #[must_use]
    pub fn is_end_of_month(self) -> bool {
        self == self.end_of_month()
    }

    /// Whether it is the last day of February.
    #[must_use]
    pub fn is_end_of_february(self) -> bool {
        self.month == 2 && self.is_end_of_month()
    }

    /// Whether its year has 366 days.
    #[must_use]
    pub fn is_in_leap_year(self) -> bool {
        days_in_month(self.year, 2) == 29
    }

    /// The same month with another day that it has.
    pub(super) fn with_day(self, day: i32) -> Self {
        Self { day, ..self }
    }

    /// 1 January of a year.
    pub(super) fn first_of_year(year: i32) -> Self {
        Self { year, month: 1, day: 1 }
    }

    /// The day of the week, from 0 for Monday; as Excel has it, which is one off before March 1900.
    fn weekday(self) -> i32 {
        (self.serial() + 5).rem_euclid(7)
    }
}

/// What serial 0 is, counted from 1 March of the year 0, for days after February 1900.
const DAYS_TO_SERIAL_0: i32 = 693_899;

fn outside() -> FinanceError {
    FinanceError::domain("the date lies outside the years 1900 to 9999")
}

fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 || year == 1900 => 29,
        2 => 28,
        _ => 31,
    }
}

fn within(date: Date) -> Result<Date, FinanceError> {
    if (1900..=9999).contains(&date.year) { Ok(date) } else { Err(outside()) }
}

/// The same day some months later, of which a fraction is cut, or the last of that month if it is shorter.
///
/// # Errors
///
/// The result lies outside the years 1900 to 9999.
pub fn edate(start: Date, months: f64) -> Result<Date, FinanceError> {
    let months = whole(months).filter(|months| months.abs() < 120_000).ok_or_else(outside)?;
    within(start.shifted(months))
}

/// The last day of the month some months later, of which a fraction is cut.
///
/// # Errors
///
/// The result lies outside the years 1900 to 9999.
pub fn eomonth(start: Date, months: f64) -> Result<Date, FinanceError> {
    let months = whole(months).filter(|months| months.abs() < 120_000).ok_or_else(outside)?;
    within(start.shifted(months).end_of_month())
}

/// The number of the day in the week: with type 1 from 1 for Sunday, 2 from 1 for Monday, 3 from 0 for Monday, 11 to 17
/// from 1 for Monday to Sunday.
///
/// # Errors
///
/// Another type.
pub fn weekday(date: Date, return_type: f64) -> Result<f64, FinanceError> {
    let from_monday = date.weekday();
    let from = |first: i32| f64::from((from_monday - first).rem_euclid(7) + 1);
    match whole(return_type) {
        Some(1) => Ok(from(6)),
        Some(2) => Ok(from(0)),
        Some(3) => Ok(f64::from(from_monday)),
        Some(kind @ 11..=17) => Ok(from(kind - 11)),
        _ => Err(FinanceError::domain("the type of the week must be 1, 2, 3 or 11 to 17")),
    }
}

/// Days from Monday to Friday, without holidays.
struct Workdays {
    holidays: Vec<i32>,
}

impl Workdays {
    fn new(holidays: &[Date]) -> Self {
        let mut serials: Vec<i32> = holidays.iter().filter(|day| day.weekday() < 5).map(|day| day.serial()).collect();
        serials.sort_unstable();
        serials.dedup();
        Self { holidays: serials }
    }

    /// How many lie up to a day, counted from an arbitrary one.
    fn until(&self, serial: i32) -> i32 {
        let from_monday = serial + 6;
        let weeks = from_monday.div_euclid(7);
        let holidays = self.holidays.partition_point(|holiday| *holiday <= serial);
        weeks * 5 + from_monday.rem_euclid(7).min(5) - i32::try_from(holidays).unwrap_or(i32::MAX)
    }
}

/// How many days from Monday to Friday that are no holidays lie from `start` to `end`, both included; negative if `end` is
/// before `start`.
#[must_use]
pub fn networkdays(start: Date, end: Date, holidays: &[Date]) -> f64 {
    let workdays = Workdays::new(holidays);
    let count = |from: Date, to: Date| f64::from(workdays.until(to.serial()) - workdays.until(from.serial() - 1));
    if start <= end { count(start, end) } else { -count(end, start) }
}

/// The day from Monday to Friday that is no holiday and lies `days` such days after `start`, or before it if negative.
///
/// # Errors
///
/// The result lies outside the years 1900 to 9999.
pub fn workday(start: Date, days: f64, holidays: &[Date]) -> Result<Date, FinanceError> {
    let days = whole(days).ok_or_else(outside)?;
    if days == 0 {
        return Ok(start);
    }
    let workdays = Workdays::new(holidays);
    let before = if days > 0 { start.serial() } else { start.serial() - 1 };
    let number = workdays.until(before).checked_add(days).ok_or_else(outside)?;
    let number = if days > 0 { number } else { number + 1 };
    // The first day up to which there are so many.
    let (mut low, mut high) = (0, LAST_SERIAL + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if workdays.until(middle) >= number {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    if low == 0 || low > LAST_SERIAL {
        return Err(outside());
    }
    Date::from_serial(f64::from(low))
}

/// The day a text such as 2025-09-27 names.
///
/// # Errors
///
/// The text is no such day.
pub fn parse(text: &str) -> Result<Date, FinanceError> {
    let error = || FinanceError::new(FinanceErrorKind::Mismatch, "this is no date").with_hint("write it as 2025-09-27");
    let mut parts = text.split('-');
    let mut part = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()));
        part.and_then(|part| part.parse::<i32>().ok()).ok_or_else(error)
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    if parts.next().is_some()
        || !(1900..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=days_in_month(year, month)).contains(&day)
    {
        return Err(error());
    }
    Ok(Date { year, month, day })
}

#[cfg(test)]
mod tests {
    use super::{Date, LAST_SERIAL, edate, eomonth, networkdays, parse, weekday, workday};

    fn date(text: &str) -> Date {
        parse(text).unwrap()
    }

    #[test]
    fn serials_are_excels() {
        let cases = [
            ("1900-01-01", 1),
            ("1900-02-28", 59),
            ("1900-02-29", 60),
            ("1900-03-01", 61),
            ("1970-01-01", 25_569),
            ("2000-02-29", 36_585),
            ("2025-09-27", 45_927),
            ("9999-12-31", LAST_SERIAL),
        ];
        for (text, serial) in cases {
            assert_eq!(date(text).serial(), serial, "{text}");
            assert_eq!(Date::from_serial(f64::from(serial) + 0.7).unwrap(), date(text), "{text}");
        }
    }

    #[test]
    fn each_serial_is_its_own_day() {
        let mut before = Date::from_serial(0.0).unwrap();
        for serial in 1..=LAST_SERIAL {
            let date = Date::from_serial(f64::from(serial)).unwrap();
            assert!(date > before && date.serial() == serial, "{serial}: {date:?}");
            before = date;
        }
        assert!(Date::from_serial(-1.0).is_err() && Date::from_serial(f64::from(LAST_SERIAL + 1)).is_err());
    }

    #[test]
    fn parts_outside_count_on() {
        let parts = |year, month, day| Date::from_parts(year, month, day).unwrap();
        assert_eq!(parts(2008.0, 14.0, 2.0), date("2009-02-02"));
        assert_eq!(parts(2008.0, -3.0, 2.0), date("2007-09-02"));
        assert_eq!(parts(2008.0, 1.0, 35.0), date("2008-02-04"));
        assert_eq!(parts(2008.0, 1.0, -15.0), date("2007-12-16"));
        assert_eq!(parts(108.0, 1.0, 2.0), date("2008-01-02"));
        assert!(Date::from_parts(9999.0, 12.0, 32.0).is_err());
        assert!(Date::from_parts(1e18, 1.0, 1.0).is_err());
    }

    #[test]
    fn months_shift_to_the_last_day_of_shorter_ones() {
        assert_eq!(edate(date("2023-01-31"), 1.9).unwrap(), date("2023-02-28"));
        assert_eq!(edate(date("2024-03-31"), -1.0).unwrap(), date("2024-02-29"));
        assert_eq!(eomonth(date("2023-11-15"), 3.0).unwrap(), date("2024-02-29"));
        assert!(edate(date("1900-01-31"), -1.0).is_err());
        assert!(eomonth(date("9999-12-31"), 1.0).is_err());
        assert!(edate(date("2000-01-31"), 1e30).is_err());
    }

    #[test]
    fn weeks_begin_where_the_type_says() {
        let thursday = date("2008-02-14");
        let numbers = [1.0, 2.0, 3.0, 11.0, 12.0, 14.0, 17.0].map(|kind| weekday(thursday, kind).unwrap());
        assert_eq!(numbers, [5.0, 4.0, 3.0, 4.0, 3.0, 1.0, 5.0]);
        assert!(weekday(thursday, 4.0).is_err());
    }

    #[test]
    fn workdays_are_counted_and_found_again() {
        let holidays = [date("2012-11-22"), date("2012-12-04"), date("2013-01-21"), date("2012-11-24")];
        assert_eq!(networkdays(date("2012-10-01"), date("2013-03-01"), &[]), 110.0);
        assert_eq!(networkdays(date("2012-10-01"), date("2013-03-01"), &holidays), 107.0);
        assert_eq!(networkdays(date("2013-03-01"), date("2012-10-01"), &holidays), -107.0);
        assert_eq!(workday(date("2008-10-01"), 151.0, &[]).unwrap(), date("2009-04-30"));
        let start = date("2012-11-17");
        for days in (-60..=60).filter(|days| *days != 0) {
            let days = f64::from(days);
            let end = workday(start, days, &holidays).unwrap();
            let after = if days > 0.0 { end.days_after(start) > 0.0 } else { end.days_after(start) < 0.0 };
            assert!(after && networkdays(start, end, &holidays) == days, "{days}: {end:?}");
        }
        assert!(workday(start, -1e6, &[]).is_err() && workday(start, 2e9, &[]).is_err());
    }

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for text in
            ["2025-02-29", "2025-13-01", "2025-1-1", "1899-12-31", "2025-01-01-01", "", "20250101", "+025-01-01"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
