//! Whether one string is another one edited.

/// How many bytes of two strings are compared at each end, where many are compared.
const MOST_COMPARED: usize = 64;

/// Whether at least half of the shorter string stays, at the beginning and at the end.
pub(super) fn is_related(before: &str, after: &str) -> bool {
    let shorter = before.len().min(after.len());
    ends_in_common(before.as_bytes(), after.as_bytes(), shorter).saturating_mul(2) >= shorter
}

/// The same of not more than the first and the last bytes, and never for an empty string.
pub(super) fn is_related_roughly(before: &str, after: &str) -> bool {
    let shorter = before.len().min(after.len()).min(2 * MOST_COMPARED);
    shorter > 0 && ends_in_common(before.as_bytes(), after.as_bytes(), MOST_COMPARED).saturating_mul(2) >= shorter
}

/// How many bytes are the same at the beginning and at the end, each at most `most` and in sum no more than there are.
fn ends_in_common(before: &[u8], after: &[u8], most: usize) -> usize {
    let shorter = before.len().min(after.len());
    let start = before.iter().zip(after).take(most).take_while(|(a, b)| a == b).count();
    let rest = most.min(shorter - start);
    start + before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(a, b)| a == b).count()
}
