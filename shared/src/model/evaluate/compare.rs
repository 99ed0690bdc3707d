use std::cmp::Ordering;

use crate::model::CellValue;
use crate::model::formula::Comparison;

/// Whether the comparison holds; none where a value is blank. As in Excel, texts are compared without regard to case,
/// and every text is larger than every number.
pub(super) fn compare(comparison: Comparison, left: &CellValue, right: &CellValue) -> Option<bool> {
    let ordering = order(left, right)?;
    Some(match comparison {
        Comparison::Equal => ordering == Ordering::Equal,
        Comparison::NotEqual => ordering != Ordering::Equal,
        Comparison::Less => ordering == Ordering::Less,
        Comparison::LessOrEqual => ordering != Ordering::Greater,
        Comparison::Greater => ordering == Ordering::Greater,
        Comparison::GreaterOrEqual => ordering != Ordering::Less,
    })
}

/// Which of two values comes first; none where one is blank.
fn order(left: &CellValue, right: &CellValue) -> Option<Ordering> {
    match (left, right) {
        (CellValue::Number(left), CellValue::Number(right)) => left.partial_cmp(right),
        (CellValue::Number(_), CellValue::Text(_)) => Some(Ordering::Less),
        (CellValue::Text(_), CellValue::Number(_)) => Some(Ordering::Greater),
        (CellValue::Text(left), CellValue::Text(right)) => {
            let folded = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
            Some(folded(left).cmp(&folded(right)))
        }
        _ => None,
    }
}
