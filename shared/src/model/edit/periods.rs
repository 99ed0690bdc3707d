//! Periods: the columns, and the time that each covers.

use ot_core::json::JsonOp;
use ot_core::path;
use serde_json::{Value, json};

use super::{EditError, all, checked, lifted, move_behind, set, set_text};
use crate::model::calendar::{date_text, months_later};
use crate::model::{Model, Period, PeriodId, PeriodKind, PeriodLength};

/// Inserts `new` behind the period `after`, or as the first.
///
/// # Errors
///
/// Returns an [`EditError`] when `after` is gone, something has the id of `new` already, its dates don't stand in the
/// order of time, or there are too many.
pub fn insert_period(document: &Value, after: Option<&PeriodId>, new: &Period) -> Result<JsonOp, EditError> {
    lifted(document, |_, model| {
        let index = match after {
            None => 0,
            Some(after) => index(model, after)?.saturating_add(1),
        };
        let mut period = json!({"id": new.id.0, "label": new.label, "kind": kind_text(new.kind)});
        if let Some(fields) = period.as_object_mut() {
            let dates = [("start", new.start), ("end", new.end)];
            fields.insert("length".to_owned(), json!(length_text(new.length)));
            fields.extend(dates.into_iter().filter_map(|(key, day)| Some((key.to_owned(), json!(date_text(day?)?)))));
        }
        Ok(JsonOp::insert(path!["periods", index], period))
    })
}

/// Appends a period to the forecast that goes on where the last one ends: as long, and called so.
///
/// # Errors
///
/// Returns an [`EditError`] when something has the id `new` already, or there are too many.
pub fn append_period(document: &Value, new: PeriodId) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let Some(last) = model.periods.last() else {
        let first = Period {
            id: new,
            label: "1".to_owned(),
            kind: PeriodKind::Forecast,
            length: PeriodLength::Year,
            start: None,
            end: None,
        };
        return insert_period(document, None, &first);
    };
    // What follows a stub is whole again.
    let length = if last.length == PeriodLength::Stub { PeriodLength::Year } else { last.length };
    let months = match length {
        PeriodLength::Year | PeriodLength::Stub => 12,
        PeriodLength::Quarter => 3,
        PeriodLength::Month => 1,
    };
    let start = last.end.map(|end| end.saturating_add(1)).or_else(|| months_later(last.start?, months));
    let end = last.end.and_then(|end| months_later(end, months));
    let period = Period {
        id: new,
        label: next_label(&last.label, length),
        kind: PeriodKind::Forecast,
        length,
        start: start.filter(|day| date_text(*day).is_some()),
        end,
    };
    insert_period(document, Some(&last.id), &period)
}

/// Removes `period`. The entries that rows have for it stay in the document and count for nothing.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such period.
pub fn remove_period(document: &Value, period: &PeriodId) -> Result<JsonOp, EditError> {
    let index = index(&Model::read(document)?, period)?;
    Ok(JsonOp::remove(path!["periods", index]))
}

/// Moves `period` behind the period `after`, or to the beginning.
///
/// # Errors
///
/// Returns an [`EditError`] when one of the two is gone, or dates would not stand in the order of time.
pub fn move_period(document: &Value, period: &PeriodId, after: Option<&PeriodId>) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let after = after.map(|after| index(&model, after)).transpose()?;
    checked(document, move_behind(&path!["periods"], index(&model, period)?, after)?)
}

/// Changes the label of `period`, letter by letter.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such period, or the label is too long.
pub fn set_period_label(document: &Value, period: &PeriodId, label: &str) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let index = index(&model, period)?;
    let before = model.periods.get(index).map(|period| period.label.as_str());
    checked(document, set_text(path!["periods", index, "label"], before, label))
}

/// Says whether `period` is known or expected.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such period.
pub fn set_period_kind(document: &Value, period: &PeriodId, kind: PeriodKind) -> Result<JsonOp, EditError> {
    let index = index(&Model::read(document)?, period)?;
    Ok(set(path!["periods", index, "kind"], field(document, index, "kind"), Some(json!(kind_text(kind)))))
}

/// Says how long `period` is, and from which day to which, as serial days. Of two people who do so at once, one has all
/// three.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such period, or the days are not in the order of time.
pub fn set_period_time(
    document: &Value,
    period: &PeriodId,
    length: PeriodLength,
    start: Option<i32>,
    end: Option<i32>,
) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        let index = index(model, period)?;
        let before = model.periods.get(index).map(|period| (period.length, period.start, period.end));
        if before == Some((length, start, end)) {
            return Ok(JsonOp::noop());
        }
        let date = |day: Option<i32>| day.map(|day| json!(date_text(day).unwrap_or_default()));
        let fields = [("length", Some(json!(length_text(length)))), ("start", date(start)), ("end", date(end))];
        // What stays as it is is written too, so that no mixture of two edits comes out.
        all(fields.into_iter().map(|(key, value)| {
            let path = path!["periods", index, key];
            match (field(document, index, key), value) {
                (None, None) => JsonOp::noop(),
                (None, Some(value)) => JsonOp::insert(path, value),
                (Some(_), None) => JsonOp::remove(path),
                (Some(_), Some(value)) => JsonOp::replace(path, value),
            }
        }))
    })
}

fn index(model: &Model, period: &PeriodId) -> Result<usize, EditError> {
    model.periods.iter().position(|other| other.id == *period).ok_or(EditError::NoSuchPeriod)
}

fn field<'a>(document: &'a Value, index: usize, field: &str) -> Option<&'a Value> {
    document.get("periods")?.get(index)?.get(field)
}

fn kind_text(kind: PeriodKind) -> &'static str {
    match kind {
        PeriodKind::History => "history",
        PeriodKind::Forecast => "forecast",
    }
}

fn length_text(length: PeriodLength) -> &'static str {
    match length {
        PeriodLength::Year => "year",
        PeriodLength::Quarter => "quarter",
        PeriodLength::Month => "month",
        PeriodLength::Stub => "stub",
    }
}

/// What the period behind the one called `label` is called: `2029E` makes `2030E`, `Q4 2025` makes `Q1 2026`.
fn next_label(label: &str, length: PeriodLength) -> String {
    let quarter = label.find('Q').and_then(|place| {
        let digit =
            label.get(place.checked_add(1)?..)?.chars().next()?.to_digit(10).filter(|digit| (1..=4).contains(digit))?;
        Some((place, digit))
    });
    let next = match (length, quarter) {
        (PeriodLength::Quarter, Some((place, digit))) => {
            let (before, rest) = label.split_at(place.saturating_add(1));
            let rest = rest.get(1..).unwrap_or_default();
            match digit {
                4 => counted_up(before)
                    .map(|before| format!("{before}1{rest}"))
                    .or_else(|| Some(format!("{before}1{}", counted_up(rest)?))),
                _ => Some(format!("{before}{}{rest}", digit.saturating_add(1))),
            }
        }
        (PeriodLength::Month, _) => next_month(label),
        _ => counted_up(label),
    };
    // Labels are short.
    next.filter(|next| next.chars().count() <= 24).unwrap_or_else(|| label.to_owned())
}

/// `Dec 2025` makes `Jan 2026`, and `2025-09` makes `2025-10`.
fn next_month(label: &str) -> Option<String> {
    const NAMES: [&str; 13] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan"];
    let named = NAMES.iter().zip(NAMES.iter().skip(1)).find(|(name, _)| label.contains(**name));
    if let Some((name, next)) = named {
        let label = label.replacen(name, next, 1);
        return if *name == "Dec" { counted_up(&label) } else { Some(label) };
    }
    let (year, month) = label.rsplit_once('-')?;
    match month.parse::<u8>().ok()? {
        12 => Some(format!("{}-01", counted_up(year)?)),
        month @ 1..=11 => Some(format!("{year}-{:02}", month.checked_add(1)?)),
        _ => None,
    }
}

/// `text` with its first number one higher.
fn counted_up(text: &str) -> Option<String> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = text.split_at(start);
    let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, rest) = rest.split_at(length);
    let number: u64 = digits.parse().ok()?;
    Some(format!("{before}{:0length$}{rest}", number.checked_add(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_label_counts_on() {
        use PeriodLength::{Month, Quarter, Year};
        for (label, length, next) in [
            ("2029E", Year, "2030E"),
            ("FY09", Year, "FY10"),
            ("Q1 2025", Quarter, "Q2 2025"),
            ("Q4 2025E", Quarter, "Q1 2026E"),
            ("2025 Q4", Quarter, "2026 Q1"),
            ("Q4", Quarter, "Q4"),
            ("2025-09", Month, "2025-10"),
            ("2025-12", Month, "2026-01"),
            ("Sep 2025A", Month, "Oct 2025A"),
            ("Dec 2025", Month, "Jan 2026"),
            ("Month 7", Month, "Month 7"),
            ("Terminal", Year, "Terminal"),
            ("", Year, ""),
        ] {
            assert_eq!(next_label(label, length), next, "{label}");
        }
    }
}
