use std::cell::RefCell;

use super::{Conflict, Json, JsonOp, Resolution};
use crate::Side;
use crate::branch::Conflicts;

/// All that a merge ends by the standard rules, `ours` being on the left.
impl Conflicts for Json {
    type Conflict = Conflict;

    fn conflicts(ours: &JsonOp, theirs: &JsonOp) -> Vec<Conflict> {
        let found = RefCell::new(Vec::new());
        let noting = |conflict: &Conflict| {
            found.borrow_mut().push(conflict.clone());
            Resolution::Standard
        };
        // A policy that refuses nothing leaves nothing to be refused.
        let _ = Self::transform_with(ours, theirs, Side::Left, &noting);
        found.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::ConflictKind;
    use super::*;
    use crate::OtType as _;
    use crate::path;

    #[test]
    fn every_conflict_of_a_merge_is_listed() {
        let both = |first: JsonOp, second: JsonOp| Json::compose(&first, &second).unwrap();
        let ours = both(JsonOp::insert(path!["a"], json!(1)), JsonOp::remove(path!["rows"]));
        let theirs = both(JsonOp::insert(path!["a"], json!(2)), JsonOp::insert(path!["rows", 0], json!(3)));
        let kinds: Vec<_> = Json::conflicts(&ours, &theirs).iter().map(|conflict| conflict.kind).collect();
        assert_eq!(kinds.len(), 2);
        assert!(kinds.contains(&ConflictKind::DropCollision) && kinds.contains(&ConflictKind::RmUnexpectedContent));
        assert_eq!(Json::conflicts(&ours, &JsonOp::insert(path!["b"], json!(2))), []);
    }
}
